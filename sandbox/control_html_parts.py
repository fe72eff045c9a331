"""The pieces that the control page is made of."""

from collections.abc import Iterable
from html import escape


def form(verb: str, body: str) -> str:
    """Return a form that is sent to one of the page's verbs; `body` is HTML."""
    return f"<form method=post action=/forms/{verb}>{body}</form>"


def hidden(value: str) -> str:
    """Return the field that says which record a form is about."""
    return f"<input type=hidden name=id value='{escape(value)}'>"


def select(name: str, choices: Iterable[str], chosen: str) -> str:
    """Return a choice, in order unless the choices have one of their own."""
    ordered = choices if isinstance(choices, (list, tuple)) else sorted(choices)
    options = "".join(f"<option{' selected' if each == chosen else ''}>{each}</option>" for each in ordered)
    return f"<select name={name}>{options}</select>"
