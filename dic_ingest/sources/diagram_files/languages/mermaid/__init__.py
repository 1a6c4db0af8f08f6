"""Mermaid source back into a `Diagram`, as this package writes it and as language models do."""
