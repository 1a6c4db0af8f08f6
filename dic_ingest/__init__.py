"""dic_ingest."""
