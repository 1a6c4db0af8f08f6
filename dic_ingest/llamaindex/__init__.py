"""Nodes as LlamaIndex objects. The only place, with `dic_ingest.reader`, that imports LlamaIndex."""
