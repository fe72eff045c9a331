"""In-memory stand-ins that implement the ports (house.md: fakes ship with the code)."""
