"""Proof: before a target is measured it shows that it does what the contract says, floor and plain included.

A floor that skipped the commit, a check or the signature would be fast and worthless. These are a few requests, not a
test suite: the gateway's own tests are in `tests/`.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from jose import jwt

from bench.deliveries import PATH, signature, signed
from bench.floors.list_page import PATH as LIST_PATH
from bench.floors.list_page import admins
from bench.people import PAGED, Member
from bench.servers import Answer, Server
from bench.targets import Target
from bench.visit import Dishonest, access_token, ask_token
from bench.workload import Workload
from bench.world import CLIENT_ID, CLIENT_SECRET, PEOPLE_EACH, Person, Tenant, sample

Proof = Callable[[Server, Target], None]
AUDIENCE = "memberpulse-api"
CLAIMS = {
    *("iss", "sub", "aud", "client_id", "org_id", "sid", "jti", "iat", "nbf", "exp", "auth_time", "amr", "roles"),
    "ver",
}


def prove(workload: Workload, server: Server, target: Target) -> None:
    """Raise Dishonest unless the target keeps the contract of this workload."""
    _PROOFS.get(workload.name, lambda _server, _target: None)(server, target)


def _require(*, that: bool, said: str, answer: Answer) -> None:
    if not that:
        raise Dishonest(f"{said}; it answered {answer.status} {answer.headers} {answer.body[:400]!r}")


def _jwks(server: Server, _target: Target) -> None:
    answer = server.ask("GET", "/.well-known/jwks.json")
    _require(that=answer.status == 200, said="the keys are public", answer=answer)
    algorithms = [str(key["alg"]) for key in json.loads(answer.body)["keys"]]
    _require(that="ES256" in algorithms, said="the JWKS holds an ES256 key", answer=answer)


def _token(server: Server, target: Target) -> None:
    person = sample(1)[0]
    answer = ask_token(server, f"{target.session_cookie}={person.cookie}")
    _require(that=answer.status == 200, said="a session's cookie gives a token", answer=answer)
    given = json.loads(answer.body)
    keys = json.loads(server.ask("GET", "/.well-known/jwks.json").body)
    claims = jwt.decode(given["access_token"], keys, algorithms=["ES256"], audience=AUDIENCE, issuer=server.origin)
    _require(that=set(claims) >= CLAIMS, said="the token holds the contract's claims", answer=answer)
    _require(that=claims["sub"] == str(person.id), said="the token is the person's", answer=answer)
    _require(
        that=given["session"]["session"]["id"] == str(person.session_id), said="the session is named", answer=answer
    )
    refused = ask_token(server, f"{target.session_cookie}={'x' * 43}")
    _require(that=refused.status == 401, said="an unknown cookie is refused", answer=refused)
    foreign = {"Cookie": f"{target.session_cookie}={person.cookie}", "Origin": "https://elsewhere.example"}
    refused = server.ask("POST", "/auth/token", foreign)
    _require(that=refused.status == 403, said="a foreign origin is refused", answer=refused)


def _forged(token: str) -> str:
    """Return the token with another payload under the same signature."""
    head, payload, signature = token.split(".")
    return ".".join((head, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), signature))


def _session(server: Server, target: Target) -> None:
    person = sample(1)[0]
    token = access_token(server, f"{target.session_cookie}={person.cookie}")
    answer = server.ask("GET", "/auth/session", {"Authorization": f"Bearer {token}"})
    _require(that=answer.status == 200, said="a token opens /auth/session", answer=answer)
    shown = json.loads(answer.body)
    _require(that=shown["user"]["email"] == person.email, said="the person is shown", answer=answer)
    _require(that=shown["session"]["id"] == str(person.session_id), said="the session is shown", answer=answer)
    refused = server.ask("GET", "/auth/session", {"Authorization": f"Bearer {_forged(token)}"})
    _require(that=refused.status == 401, said="a forged token is refused", answer=refused)


def _introspect(server: Server, target: Target) -> None:
    token = access_token(server, f"{target.session_cookie}={sample(1)[0].cookie}")
    good = _asked(server, token, CLIENT_SECRET)
    _require(that=good.status == 200 and json.loads(good.body)["active"] is True, said="alive is active", answer=good)
    forged = _asked(server, _forged(token), CLIENT_SECRET)
    _require(that=json.loads(forged.body) == {"active": False}, said="a forged token is inactive", answer=forged)
    refused = _asked(server, token, "wrong")
    _require(that=refused.status == 401, said="a wrong client secret is refused", answer=refused)


def _asked(server: Server, token: str, secret: str) -> Answer:
    basic = b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return server.ask("POST", "/auth/introspect", headers, f"token={token}")


def _started(server: Server) -> tuple[str, str]:
    """Return (state, login cookie) of a new login."""
    answer = server.ask("GET", f"/auth/sso?organization={Tenant(0).workos_id}")
    _require(that=answer.status == 302, said="a login starts", answer=answer)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    _require(that=query["code_challenge_method"] == ["S256"], said="PKCE is asked for", answer=answer)
    return query["state"][0], answer.headers["set-cookie"].partition(";")[0]


def _login_start(server: Server, _target: Target) -> None:
    _started(server)
    answer = server.ask("GET", "/auth/sso?organization=org_unknown")
    _require(that=400 <= answer.status < 500, said="an unknown organization is refused", answer=answer)


def _login_pair(server: Server, target: Target) -> None:
    for number in range(40):  # two of forty are people who were never seen before
        state, cookie = _started(server)
        path = f"/auth/callback/workos?code=bench_{state[:40]}&state={state}"
        if number == 0:
            stolen = server.ask("GET", path, {"Cookie": cookie[:-1] + "_"})
            _require(that=stolen.status == 400, said="another browser's callback is refused", answer=stolen)
        answer = server.ask("GET", path, {"Cookie": cookie})
        _require(that=answer.status == 303, said="the callback ends in a session", answer=answer)
        session = next(
            part.partition(";")[0]
            for part in answer.headers["set-cookie"].split(", ")
            if part.startswith(f"{target.session_cookie}=")
        )
        access_token(server, session)
        replay = server.ask("GET", path, {"Cookie": cookie})
        _require(that=replay.status == 400, said="a used state is refused", answer=replay)


def _list_page(server: Server, target: Target) -> None:
    insider, outsider, member = admins(1)[0], Person(2 * PEOPLE_EACH + 1), Person(PEOPLE_EACH)
    asked = {
        person: {"Authorization": f"Bearer {access_token(server, f'{target.session_cookie}={person.cookie}')}"}
        for person in (insider, outsider, member)
    }
    emails = set[str]()
    answer, after = _page(server, asked[insider], "")
    for _ in range(2):
        emails |= {user["email"] for user in json.loads(answer.body)["data"]}
        answer, after = _page(server, asked[insider], f"&after={after}")
    people = json.loads(answer.body)["data"]
    _require(that=len(emails | {user["email"] for user in people}) == 300, said="3 pages hold 300", answer=answer)
    number = int(str(people[0]["workos_id"]).rpartition("_")[2])
    whole = json.loads(Member(PAGED, number).shown()) | {name: people[0][name] for name in ("created_at", "updated_at")}
    told = all(people[0][name] == value for name, value in whole.items())
    _require(that=told, said="people are shown whole", answer=answer)
    refused = server.ask("GET", f"{LIST_PATH}?limit=100", asked[outsider])
    _require(that=refused.status == 404, said="another tenant's admin finds no such directory", answer=refused)
    refused = server.ask("GET", f"{LIST_PATH}?limit=100", asked[member])
    _require(that=refused.status == 403, said="a member may not read it", answer=refused)


def _page(server: Server, headers: dict[str, str], after: str) -> tuple[Answer, str]:
    answer = server.ask("GET", f"{LIST_PATH}?limit=100{after}", headers)
    _require(that=answer.status == 200, said="an admin reads a page", answer=answer)
    return answer, str(json.loads(answer.body)["list_metadata"]["after"])


def _ingest(server: Server, _target: Target) -> None:
    (asked,) = signed(1)
    headers = dict(asked.headers)
    for turn in ("a delivery", "the same delivery again"):
        answer = server.ask("POST", PATH, headers, asked.body)
        _require(that=answer.status == 200, said=f"{turn} is accepted", answer=answer)
    answer = server.ask("POST", PATH, headers, asked.body.replace("Sales", "Boss"))
    _require(that=answer.status == 401, said="a changed body is refused", answer=answer)
    old = signature(asked.body, datetime.now(UTC) - timedelta(seconds=200))
    answer = server.ask("POST", PATH, headers | {"WorkOS-Signature": old}, asked.body)
    _require(that=answer.status == 401, said="a signature of 200 s ago is refused", answer=answer)


_PROOFS: dict[str, Proof] = {
    "jwks": _jwks,
    "token": _token,
    "session": _session,
    "introspect": _introspect,
    "login-start": _login_start,
    "login-pair": _login_pair,
    "ingest": _ingest,
    "list-page": _list_page,
}
