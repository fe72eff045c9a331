"""Admin Portal links."""
