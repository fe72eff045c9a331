"""Every sample keeps the key set as the page says: few requests, no gap in a rotation, no outage with ours."""

import pytest

from app.tokens.keyring import Keyring
from app.tokens.signing_key import generate
from tests.docs.key_server import KeyServer, Reply
from tests.docs.subjects import Subject
from tests.docs.tokens import PRINCIPAL, claims, good
from tests.tokens.forge import ES256, STRANGER, forge, header

DAY = 24 * 3600
FAILURES = {
    "refused": Reply(503),
    "a page": Reply(200, b"<html>maintenance</html>", {"Content-Type": "text/html"}),
    "an error that shows keys": Reply(500, Keyring([STRANGER]).jwks_document),
    "no keys": Reply(200, b'{"keys":[]}'),
    "another document": Reply(200, b'{"error":"x"}'),
    "keys that are no keys": Reply(200, b'{"keys":[7]}'),
    "a redirect": Reply(302, headers={"Location": "/elsewhere.json"}),
}


def unknown(issuer: str, count: int) -> list[str]:
    """Return tokens that name keys which never were."""
    return [forge(claims(issuer), head=header(kid=f"made-up-{number:08}")) for number in range(count)]


def test_many_tokens_cost_one_request(subject: Subject, server: KeyServer) -> None:
    server.delay = 0.1  # so that the first tokens all find the cache empty
    assert subject.verify_all([good(server.issuer)] * 40) == [PRINCIPAL] * 40
    subject.advance(299)
    assert subject.verify_all([good(server.issuer)]) == [PRINCIPAL]
    assert server.answers == [200]


def test_a_slow_endpoint_delays_one_caller_only(subject: Subject, server: KeyServer) -> None:
    subject.verify_all([good(server.issuer)])
    subject.advance(301)
    server.delay = 1.0
    assert subject.verify_all([good(server.issuer)] * 8) == [PRINCIPAL] * 8
    assert len([wait for wait in subject.waits if wait >= 1.0]) == 1


def test_after_five_minutes_the_etag_is_enough(subject: Subject, server: KeyServer) -> None:
    token = good(server.issuer)
    for _ in range(3):
        assert subject.verify_all([token, token]) == [PRINCIPAL] * 2
        subject.advance(301)
    assert server.answers == [200, 304, 304]


def test_a_flood_of_unknown_kids_costs_one_request_in_thirty_seconds(subject: Subject, server: KeyServer) -> None:
    subject.verify_all([good(server.issuer)])
    for _ in range(6):
        assert subject.verify_all(unknown(server.issuer, 50)) == ["invalid"] * 50
        subject.advance(10)
    assert server.answers == [200, 304]
    assert subject.verify_all([good(server.issuer)]) == [PRINCIPAL]


def test_a_new_key_is_accepted_after_one_request(subject: Subject, server: KeyServer) -> None:
    subject.verify_all([good(server.issuer)])
    new = generate("ES256", status="active")
    server.keyring = Keyring([ES256.in_status("retiring"), new])
    subject.advance(31)
    both = [good(server.issuer, new), good(server.issuer)] * 10
    assert subject.verify_all(both) == [PRINCIPAL] * 20
    assert server.answers == [200, 200]


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
def test_the_old_keys_stay_when_the_endpoint_fails(subject: Subject, server: KeyServer, failure: Reply) -> None:
    subject.verify_all([good(server.issuer)])
    server.reply = failure
    for _ in range(3):
        subject.advance(150)
        assert subject.verify_all([good(server.issuer), *unknown(server.issuer, 5)]) == [PRINCIPAL, *["invalid"] * 5]
    assert server.answers == [200] + [failure.status] * 3
    assert server.strays == []


def test_it_asks_again_when_the_endpoint_is_back(subject: Subject, server: KeyServer) -> None:
    subject.verify_all([good(server.issuer)])
    server.reply = Reply(503)
    subject.advance(301)
    subject.verify_all(unknown(server.issuer, 1))
    new = generate("ES256", status="active")
    server.keyring, server.reply = Keyring([new]), None
    assert subject.verify_all([good(server.issuer, new)]) == ["invalid"]  # asked less than 30 seconds ago
    subject.advance(31)
    assert subject.verify_all([good(server.issuer, new)]) == [PRINCIPAL]


def test_a_withdrawn_key_is_refused_after_five_minutes(subject: Subject, server: KeyServer) -> None:
    new = generate("ES256", status="active")
    server.keyring = Keyring([ES256.in_status("retiring"), new])
    assert subject.verify_all([good(server.issuer)]) == [PRINCIPAL]
    server.keyring = Keyring([ES256.in_status("compromised"), new])
    subject.advance(299)
    assert subject.verify_all([good(server.issuer)]) == [PRINCIPAL]  # the bound that the page states
    subject.advance(2)
    assert subject.verify_all([good(server.issuer)]) == ["invalid"]


def test_keys_a_day_old_are_not_used(subject: Subject, server: KeyServer) -> None:
    subject.verify_all([good(server.issuer)])
    server.reply = Reply(503)
    subject.advance(DAY + 1)
    assert subject.verify_all([good(server.issuer)]) == ["unavailable"]
    server.reply = None
    subject.advance(31)
    assert subject.verify_all([good(server.issuer)]) == [PRINCIPAL]


def test_without_keys_the_token_is_not_blamed(subject: Subject, server: KeyServer) -> None:
    server.reply = Reply(503)
    assert subject.verify_all([good(server.issuer)] * 20) == ["unavailable"] * 20
    assert server.answers == [503]
    server.reply = None
    subject.advance(1)
    assert subject.verify_all([good(server.issuer)]) == [PRINCIPAL]
