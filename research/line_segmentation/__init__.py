"""The network that reads pixels: data synthesis, training, export. See README.md beside this file."""
