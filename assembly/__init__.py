"""The web application; it uses the engine only through its services."""
