"""Diagrams drawn: a look for each, sources for the tools that draw, pictures."""
