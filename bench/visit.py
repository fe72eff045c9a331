"""Visit: give the load what it carries, by asking the running target itself; and prove that it keeps the contract."""

import json
from collections.abc import Callable

from bench.servers import Answer, Server
from bench.targets import Target
from bench.workload import Visitor
from bench.world import Person, Tenant, sample

COOKIES = 256
TOKENS = 128


class Dishonest(Exception):  # noqa: N818 -- named for what happened
    """A target's answer is not the contract's: its figures would mean nothing."""


def visitor(server: Server, target: Target, callers: Callable[[int], list[Person]] = sample) -> Visitor:
    """Return the cookies of seeded sessions, and access tokens that the target has just made for them."""
    cookies = [f"{target.session_cookie}={person.cookie}" for person in callers(COOKIES)]
    tokens = [access_token(server, cookie) for cookie in cookies[:TOKENS]]
    return Visitor(server.origin, cookies, tokens, Tenant(0).workos_id)


def access_token(server: Server, cookie: str) -> str:
    """Return a new access token of the session behind `cookie`."""
    answer = ask_token(server, cookie)
    if answer.status != 200:
        raise Dishonest(f"POST /auth/token answered {answer.status}: {answer.body[:300]!r}\n{server.said()}")
    return str(json.loads(answer.body)["access_token"])


def ask_token(server: Server, cookie: str) -> Answer:
    """Ask POST /auth/token as a browser on the same origin does."""
    return server.ask(
        "POST", "/auth/token", {"Cookie": cookie, "Origin": server.origin, "Sec-Fetch-Site": "same-origin"}
    )
