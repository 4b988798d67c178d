"""The follow-up: what is owed for a recommendation, by whom, and by when."""
