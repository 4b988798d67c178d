"""How long a test waits for what it expects. It comes within a moment, but machines are busy, and some even pause."""

SECONDS = 300
MILLISECONDS = 1000 * SECONDS
