"""The cellar: small tools that know nothing about us.

Clock, identifiers, sealing, cursors, addresses and rows: nothing here imports anything
else of the gateway, so each piece can be read, tested and replaced alone.

Time and randomness are Protocols, because a test must be able to hold them still:
every other file is forbidden (by ruff's `banned-api`) to read the wall clock or to
draw random numbers itself.
"""
