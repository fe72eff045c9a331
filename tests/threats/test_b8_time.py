"""B8: a token counts within its time, give or take 30 seconds, by the caller's clock and no other."""

from datetime import datetime, timedelta

import pytest

from app.tokens.errors import TokenInvalid
from app.tokens.keyring import Keys
from app.tokens.verified import VerifiedTokens
from tests.tokens.forge import AUDIENCE, ISSUER, NOW, RING, accepted, claims, forge, refused

T = int(NOW.timestamp())
NO_TIME: list[object] = [
    1e300,
    1.5,
    float(T),
    [1],
    [T],
    "x",
    str(T),
    True,
    False,
    {"t": T},
    float("inf"),
    float("nan"),
    10**400,
]


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"exp": T - 20}, True),
        ({"exp": T - 29}, True),
        ({"exp": T - 30}, False),
        ({"exp": T - 31}, False),
        ({"exp": T - 10_000}, False),
        ({"exp": 0}, False),
        ({"exp": -T}, False),
        ({"nbf": T + 29}, True),
        ({"nbf": T + 30}, False),
        ({"nbf": T + 31}, False),
        ({"iat": T + 60, "exp": T + 360}, True),
        ({"iat": T + 61, "exp": T + 361}, False),
        ({"iat": T + 120, "exp": T + 420}, False),
        ({"exp": T + 900}, True),
        ({"exp": T + 901}, False),
        ({"exp": T + 10**9}, False),
        ({"iat": T - 800, "nbf": T - 800, "exp": T + 101}, False),
        ({"exp": 2**63}, False),
        ({"iat": -(2**63)}, False),
    ],
    ids=repr,
)
def test_b8_time_table(changes: dict[str, object], *, good: bool) -> None:
    token = forge(claims(**changes))
    if good:
        accepted(token)
    else:
        refused(token)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
@pytest.mark.parametrize("value", NO_TIME, ids=lambda value: repr(value)[:12])
def test_b8_time_is_an_integer(name: str, value: object) -> None:
    refused(forge(claims(**{name: value})))


@pytest.mark.parametrize("away", [timedelta(days=-20_000), timedelta(days=365 * 400)])
def test_b8_time_is_the_callers(away: timedelta) -> None:
    """A wall clock read anywhere inside would refuse one of these."""
    then = NOW + away
    t = int(then.timestamp())
    accepted(forge(claims(iat=t, nbf=t, exp=t + 300)), now=then)
    refused(forge(), now=then)


def test_b8_naive_instant_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        accepted(forge(), now=datetime(2026, 5, 4, 12))  # noqa: DTZ001 -- the mistake under test


def test_b8_remembered_token_still_expires() -> None:
    tokens = VerifiedTokens(Keys(RING), issuer=ISSUER, audience=AUDIENCE)
    token = forge()
    tokens.verify(token, NOW)
    tokens.verify(token, NOW + timedelta(seconds=329))
    with pytest.raises(TokenInvalid):
        tokens.verify(token, NOW + timedelta(seconds=330))
    with pytest.raises(TokenInvalid):
        tokens.verify(token, NOW - timedelta(seconds=31))
