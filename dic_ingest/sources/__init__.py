"""Files as pages: every format opens as a source of blocks, drawings and pixels."""
