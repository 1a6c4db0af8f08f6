"""To look at what was read: pages that open from disk, drawings in notebooks."""
