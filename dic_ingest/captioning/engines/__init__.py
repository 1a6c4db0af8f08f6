"""Engines that describe figures: the exact reader, a local model, an endpoint."""
