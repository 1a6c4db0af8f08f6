"""The raster route: pixels as a `Scene`, by a small network, tracing and OCR."""
