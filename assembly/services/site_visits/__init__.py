"""Site visits: the way with its stops, who is photographed, and what was seen there."""
