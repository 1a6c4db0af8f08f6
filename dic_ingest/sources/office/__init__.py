"""Office files, web pages and e-books as documents."""
