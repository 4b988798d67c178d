"""Who sits at which table at an event."""
