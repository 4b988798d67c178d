"""What can be done, and its rules. Services know no request, take the session, and never commit."""
