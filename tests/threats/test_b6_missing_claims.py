"""B6: every claim that somebody will rely on must be there, and be what it says."""

from uuid import UUID

import pytest

from tests.tokens.forge import AUDIENCE, ISSUER, JTI, accepted, claims, forge, refused

STRINGS = ("sub", "jti", "sid", "client_id", "org_id", "iss")
INTEGERS = ("exp", "iat", "nbf", "auth_time", "ver")
LISTS = ("amr", "roles")
NOT_A_STRING: list[object] = [7, True, 1.5, ["x"], {"x": 1}, "", "a\0b", "\ud800", "a\nb"]
NOT_A_LIST: list[object] = ["ROLE_ADMIN", 7, True, {"ROLE_ADMIN": True}, ["x", 7], [["x"]]]


@pytest.mark.parametrize("name", [*STRINGS, *INTEGERS, *LISTS, "aud"])
def test_b6_token_without_a_claim_is_refused(name: str) -> None:
    accepted(forge())
    without = claims(**{name: None})
    assert name not in without
    refused(forge(without))
    # JSON null is not a value either.
    refused(forge({**without, name: None}))


@pytest.mark.parametrize("name", STRINGS)
@pytest.mark.parametrize("value", NOT_A_STRING, ids=repr)
def test_b6_string_claims_are_strings(name: str, value: object) -> None:
    refused(forge(claims(**{name: value})))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("value", NOT_A_LIST, ids=repr)
def test_b6_list_claims_are_lists_of_strings(name: str, value: object) -> None:
    refused(forge(claims(**{name: value})))


@pytest.mark.parametrize("name", ["sub", "sid", "org_id"])
@pytest.mark.parametrize(
    "value", ["x", "0" * 36, "{01900000-0000-7000-8000-000000000001}", "A" * 32, str(JTI).replace("-", "")]
)
def test_b6_ids_are_uuids_in_their_usual_spelling(name: str, value: str) -> None:
    refused(forge(claims(**{name: value})))


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("value", [-1, 2**53, 10**30, 1.0, "1", True, [1]], ids=repr)
def test_b6_number_claims_are_integers_of_a_usual_size(name: str, value: object) -> None:
    refused(forge(claims(**{name: value})))


@pytest.mark.parametrize("payload", ["[]", "null", '"x"', "7", "", "{", b"\xff\xfe", "{} {}", "NaN"])
def test_b6_claims_are_one_json_object(payload: str | bytes) -> None:
    refused(forge(payload))


def test_b6_accepted_token_is_read_whole() -> None:
    token = accepted(forge(claims(cnf={"jkt": "abc"}, roles=["ROLE_MEMBER", "ROLE_CLIENT_ADMIN"], ver=7)))
    assert token.sub == UUID(claims()["sub"])
    assert token.roles == ("ROLE_MEMBER", "ROLE_CLIENT_ADMIN")
    assert (token.ver, token.amr, token.client_id) == (7, ("sso",), "memberpulse-web")
    assert (AUDIENCE, ISSUER) == ("memberpulse-api", "https://auth.memberpulse.example")
