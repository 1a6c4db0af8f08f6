"""Results in the formats of other projects: Docling, Unstructured, a data set of figures."""
