"""What is text on a page: lines, paragraphs, listings, framed notes."""
