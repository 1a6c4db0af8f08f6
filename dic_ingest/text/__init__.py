"""Words: how they compare, and how blanks lost by a parser come back."""
