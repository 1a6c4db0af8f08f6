"""Scanned pages read: turned upright, lines and tables found, what is drawn kept as a drawing."""
