"""The whole training chain small, on a CPU: every part runs for real, on a model too small to be of use."""
