"""The database floor: the embedded server."""
