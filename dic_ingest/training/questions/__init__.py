"""Questions about figures whose answers follow from the graph: three levels, open or with four options."""
