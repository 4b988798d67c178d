"""Barriers on the site: reported by anybody, answered by administrators in time, forgotten after a while."""
