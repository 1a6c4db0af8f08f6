"""The vector route: paths and words of a file as a `Scene`."""
