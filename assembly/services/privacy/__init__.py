"""Personal data: why each field is kept and until when, what a person can get of theirs, and how it is deleted."""
