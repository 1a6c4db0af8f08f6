"""Many files: what is planned, worked off, written and remembered."""
