"""Shapes of an Office drawing -> its graph."""
