"""Nodes as LlamaIndex objects. The only place, with `dic_ingest.llamaindex.reader`, that imports LlamaIndex."""
