"""From ideal probabilities to a mix of panels: find panels on the face that carries them, then their weights."""
