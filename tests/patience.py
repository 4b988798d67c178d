"""How long a test waits for what it expects. It comes within a moment, but machines are busy, and some even pause."""

SECONDS = 300
"""For what another process does."""
PAGE_MILLISECONDS = 120_000
"""For what a page shows at once."""
WORKER_MILLISECONDS = 1000 * SECONDS
"""For what it shows when a worker has done its work."""
