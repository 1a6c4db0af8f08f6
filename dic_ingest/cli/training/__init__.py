"""The commands of `dic-ingest train`."""
