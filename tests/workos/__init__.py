"""The WorkOS port: one contract suite over every implementation, and the faults of the wire."""
