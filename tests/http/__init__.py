"""The door: protocol, edge and problems, on sockets and through the application."""
