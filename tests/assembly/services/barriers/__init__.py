"""Barriers on the site."""
