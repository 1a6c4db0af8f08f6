"""What stands on one page: drawn components, what each of them is, and the page seen as a whole."""
