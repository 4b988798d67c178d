"""The command line: thin wiring around the library, one module per command."""
