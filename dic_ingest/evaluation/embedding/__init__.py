"""Unit vectors of texts and of pictures."""
