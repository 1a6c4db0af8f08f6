"""Whole figures out of a parser's blocks: recovery, captions, references, crops, routes."""
