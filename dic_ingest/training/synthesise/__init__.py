"""Figures of a domain made up from grammars, drawn by real tools, with captions that the graph proves."""
