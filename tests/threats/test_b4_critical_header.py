"""B4: a header that demands something of the verifier is refused (RFC 7515 section 4.1.11, CVE-2026-32597)."""

import pytest

from tests.tokens.forge import accepted, forge, header, refused


@pytest.mark.parametrize("crit", [["b64"], ["exp"], [], "b64", {}, [None], True], ids=repr)
def test_b4_crit_is_refused(crit: object) -> None:
    accepted(forge())
    assert "members beyond" in refused(forge(head=header(crit=crit)))


def test_b4_crit_is_refused_with_what_it_names() -> None:
    refused(forge(head=header(crit=["b64"], b64=False)))
    refused(forge(head=header(b64=False)))


@pytest.mark.parametrize("member", ["cty", "zip", "enc", "nonce", "ALG", "Kid", ""])
def test_b4_any_other_member_is_refused(member: str) -> None:
    refused(forge(head=header(**{member: "JWT"})))
