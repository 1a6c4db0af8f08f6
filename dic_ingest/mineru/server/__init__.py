"""MinerU behind HTTP: one client, two dialects."""
