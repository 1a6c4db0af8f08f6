"""A diagram in words: Mermaid source and prose."""
