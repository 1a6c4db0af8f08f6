"""Reading a drawing: shapes, lines and words, then the graph that they make."""
