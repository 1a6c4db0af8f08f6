"""Documents and nodes as LlamaIndex objects. The only package that imports LlamaIndex."""
