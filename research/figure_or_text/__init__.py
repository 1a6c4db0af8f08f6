"""How the weights that tell text on a ground from drawings are made."""
