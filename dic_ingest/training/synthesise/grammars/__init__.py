"""Grammars of diagrams, a domain a file: from a random source and a size to a `Diagram` that makes sense."""
