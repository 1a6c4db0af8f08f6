"""Captions of made-up figures: written in many ways, each held against its graph."""
