"""The follow-up."""
