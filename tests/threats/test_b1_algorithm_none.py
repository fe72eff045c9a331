"""B1: the algorithm comes from the key's record, so an unsigned token is refused however it is spelled."""

import pytest

from tests.tokens.forge import accepted, claims, forge, header, refused, segment


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", "", None, 0, ["ES256"], {"ES256": 1}, True])
def test_b1_header_cannot_choose_its_algorithm(alg: object) -> None:
    accepted(forge())
    refused(forge(head=header(alg=alg)))


@pytest.mark.parametrize("alg", ["none", "ES256"])
@pytest.mark.parametrize("signature", ["", "AA", "." * 2])
def test_b1_token_without_a_signature_is_refused(alg: str, signature: str) -> None:
    refused(f"{segment(header(alg=alg))}.{segment(claims())}.{signature}")
    refused(f"{segment(header(alg=alg))}.{segment(claims())}")


def test_b1_zero_signature_is_refused() -> None:
    """The all-zero ECDSA signature that some verifiers once took for every message (CVE-2022-21449)."""
    refused(f"{segment(header())}.{segment(claims())}.{segment(bytes(64))}")
