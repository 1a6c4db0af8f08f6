"""Figures of other people as examples: pictures with their sources, captions or questions."""
