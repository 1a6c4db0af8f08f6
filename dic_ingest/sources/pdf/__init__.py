"""A PDF as pages: its paths, words and pictures, rendered by PDFium."""
