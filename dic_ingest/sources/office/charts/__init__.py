"""Charts of Office files: their numbers, and a picture drawn from them."""
