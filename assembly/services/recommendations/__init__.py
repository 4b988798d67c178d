"""Recommendations: drafted, merged, adopted by a count, edited with the members' eyes on it, and handed over."""
