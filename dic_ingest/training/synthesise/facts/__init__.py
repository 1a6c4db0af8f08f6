"""Facts of a domain: which parts may be joined by what, and the checker that holds drawings to them."""
