"""B5: only `at+jwt` is an access token (RFC 9068 section 4, RFC 8725 section 3.11)."""

import pytest

from app.kit.ids import SystemIds
from tests.tokens.forge import accepted, forge, header, refused


@pytest.mark.parametrize(
    "typ",
    ["JWT", None, "logout+jwt", "", "at", "jwt", "at+jwt ", "at+jwtx", "secevent+jwt", 7, ["at+jwt"], {}, True],
    ids=repr,
)
def test_b5_other_types_are_refused(typ: object) -> None:
    assert refused(forge(head=header(typ=typ))) == "typ is not at+jwt"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "At+Jwt"])
def test_b5_type_is_compared_without_case(typ: str) -> None:
    """Media types have no case (RFC 7515 section 4.1.9)."""
    accepted(forge(head=header(typ=typ)))


def test_b5_opaque_values_are_no_access_tokens() -> None:
    for _ in range(20):
        refused(SystemIds().token())
    refused("")
    refused("..")
    refused("a.b.c")
