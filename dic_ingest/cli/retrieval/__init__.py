"""The commands that ask results: index, search, graph, serve."""
