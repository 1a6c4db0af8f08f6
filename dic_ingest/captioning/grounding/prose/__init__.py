"""Free prose about a graph: names, clauses and what they claim."""
