"""Findings: what is wrong with a configuration, field by field, and what an administrator should know of it; pure."""

from dataclasses import dataclass


class Fault(Exception):  # noqa: N818 -- named for what it is
    """A field that cannot be taken; `message` goes on from its name and quotes nothing secret."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that works and should be known all the same; `code` is stable, front ends switch on it."""

    code: str
    field: str
    detail: str
