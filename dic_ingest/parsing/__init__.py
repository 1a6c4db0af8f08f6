"""Every door through which a file becomes a `Document`, and the PDF as the source of pixels."""
