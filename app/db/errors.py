"""Errors of the database's set-up, which the command line tells an operator."""


class RolesMissing(Exception):  # noqa: N818 -- named for what happened
    """The migrating user can neither find nor create the gateway's roles."""


class TableHeld(Exception):  # noqa: N818 -- as above
    """A migration came again and again and got no lock; the message says what to do."""
