"""Splitting those present into tables over an event's rounds."""
