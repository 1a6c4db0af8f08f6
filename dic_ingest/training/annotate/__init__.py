"""Figures of a user's own run for experts to caption: chosen, shown on a page, read back as pairs."""
