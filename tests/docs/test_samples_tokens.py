"""Every sample accepts the gateway's tokens and refuses the whole table of bad ones."""

import pytest

from app.tokens.signing_key import SigningKey
from tests.docs.key_server import KeyServer
from tests.docs.subjects import Subject
from tests.docs.tokens import BAD, PRINCIPAL, claims, good, shifted
from tests.tokens.forge import AUDIENCE, ES256, RS256, forge, header


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
def test_a_token_that_we_mint_is_accepted(subject: Subject, server: KeyServer, key: SigningKey) -> None:
    assert subject.verify_all([good(server.issuer, key)]) == [PRINCIPAL]


def test_bad_tokens_are_refused(subject: Subject, server: KeyServer) -> None:
    outcomes = subject.verify_all([make(server.issuer) for make in BAD.values()])
    assert dict(zip(BAD, outcomes, strict=True)) == dict.fromkeys(BAD, "invalid")
    assert server.strays == []  # nobody fetched the key that a header pointed to


def test_tokens_are_bad_for_one_reason_only(subject: Subject, server: KeyServer) -> None:
    """What the table's forger makes without a fault is accepted, so each fault is what got its token refused."""
    mended = [
        forge(claims(server.issuer)),
        forge(claims(server.issuer), head=header(typ="AT+JWT")),
        forge(claims(server.issuer), head=header(RS256), key=RS256),
        forge(claims(server.issuer, aud=["another-api", AUDIENCE])),
        forge(claims(server.issuer, iat=shifted(-320), nbf=shifted(-320), exp=shifted(-20))),
        forge(claims(server.issuer, iat=shifted(20), nbf=shifted(20))),
        forge(claims(server.issuer, padding="x" * 4000)),
        forge(claims(server.issuer, roles=[])),
    ]
    assert [isinstance(outcome, dict) for outcome in subject.verify_all(mended)] == [True] * len(mended)
