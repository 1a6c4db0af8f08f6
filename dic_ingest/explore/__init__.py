"""To look at what was read: HTML pages of results, and documents that show themselves in notebooks."""
