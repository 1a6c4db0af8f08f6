"""Whether test figures stand in the training set: by pixels, lines, graph, caption."""
