"""MM-SeR: a small captioner that looks twice. Nothing is imported here."""
