"""Who comes to events: noted through one door, listed for the check-in, counted against the quotas."""
