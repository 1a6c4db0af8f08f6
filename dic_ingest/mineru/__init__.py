"""MinerU, the layout parser: on this machine, on a server, or from output saved earlier."""
