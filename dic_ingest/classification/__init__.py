"""What kind of figure it is, and where it goes."""
