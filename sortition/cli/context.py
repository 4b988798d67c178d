"""What commands tell the group that runs them."""

JSON = "sortition.json"
"""Key in the click context's `meta`: whether results, problems among them, are printed as JSON."""
