"""Council information systems: what they say by OParl 1.0 and 1.1 is mirrored, searched here, and referred to."""
