"""Migrations of the database; `python -m assembly.migrations NUMBER "What changes"` writes the next one."""
