"""From a scene to a graph: what is a node, what belongs to what, which line joins what."""
