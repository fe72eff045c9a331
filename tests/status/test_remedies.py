"""Remedies are read by people, in the console: they name its pages, and nothing that programs alone know."""

import re

import pytest

from app.audit.alerts import WORDS
from app.status import remedies

_COMMAND = re.compile(r"`memberpulse-auth [^`]+`")
_OF_PROGRAMS = re.compile(
    r"`|/api/|\b(?:GET|POST|PUT|PATCH|DELETE)\b|[a-z]_[a-z]|\b(?!status\.)[a-z]+\.[a-z]+\.[a-z]+|\bintent\b"
)
REMEDIES = {name: text for name, text in vars(remedies).items() if name.isupper() and isinstance(text, str)}


@pytest.mark.parametrize(
    "text", [*REMEDIES.values(), *(said for one in WORDS.values() for said in (one.title, one.remedy))]
)
def test_a_remedy_names_no_route_no_field_and_no_event(text: str) -> None:
    assert _OF_PROGRAMS.search(_COMMAND.sub("", text)) is None
    assert text.endswith(".")
