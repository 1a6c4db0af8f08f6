"""Results in vector stores: what is new is embedded and written, questions find nodes."""
