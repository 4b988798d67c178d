"""Objectives over the relaxation Q: each module picks the best selection probabilities in its own sense."""
