"""A state machine over the mirror: a company, what may go wrong on the way, and what must hold at every step."""
