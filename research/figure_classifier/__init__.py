"""Trains the small network that tells drawings from charts, photographs, screenshots and art."""
