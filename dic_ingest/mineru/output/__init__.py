"""MinerU's saved output of every version into a `Document`."""
