"""A model's prose held against the exact reading: statements, claims, verdicts, evidence."""
