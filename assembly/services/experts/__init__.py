"""Experts: whom the assembly hears, how balanced that is, and what members ask for."""
