"""To look at what was read: HTML pages for a folder of results, documents that show themselves in notebooks."""
