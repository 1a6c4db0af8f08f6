"""How good captions, graphs and retrieval are: metrics, leakage checks, reports."""
