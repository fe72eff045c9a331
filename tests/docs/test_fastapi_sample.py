"""The FastAPI sample answers as RFC 6750 section 3 asks, and tells who may not from who is unknown."""

import pytest

from tests.docs.key_server import KeyServer, Reply
from tests.docs.subjects import FastAPISubject
from tests.docs.tokens import PRINCIPAL, claims, good
from tests.tokens.forge import forge


def test_who_is_calling(fastapi_sample: FastAPISubject, server: KeyServer) -> None:
    answer = fastapi_sample.get("/me", f"bearer {good(server.issuer)}")
    assert (answer.status_code, answer.json()) == (200, PRINCIPAL)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi"])
def test_without_a_token_the_challenge_names_no_error(fastapi_sample: FastAPISubject, authorization: str) -> None:
    answer = fastapi_sample.get("/me", authorization)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_bad_token_is_named_in_the_challenge(fastapi_sample: FastAPISubject) -> None:
    answer = fastapi_sample.get("/me", "Bearer a.b.c")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert answer.json() == {"detail": "Invalid token"}  # what was wrong with it stays in the log


def test_without_keys_it_is_our_fault(fastapi_sample: FastAPISubject, server: KeyServer) -> None:
    server.reply = Reply(503)
    answer = fastapi_sample.get("/me", f"Bearer {good(server.issuer)}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_role_is_required(fastapi_sample: FastAPISubject, server: KeyServer) -> None:
    member = forge(claims(server.issuer, roles=["ROLE_MEMBER"]))
    assert fastapi_sample.get("/reports", f"Bearer {member}").status_code == 403
    answer = fastapi_sample.get("/reports", f"Bearer {good(server.issuer)}")
    assert answer.json() == {"organization": PRINCIPAL["org_id"]}
