"""Whole figures out of a parser's blocks: regions, captions, panels, references, crops."""
