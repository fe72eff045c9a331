"""The shared vectors: the same tokens, the same verdicts and reasons as every other verifier's."""

import json
from pathlib import Path
from typing import Any

import pytest

from memberpulse_auth_client.errors import TokenInvalid
from memberpulse_auth_client.keys import read_key
from memberpulse_auth_client.revocations import Revocations
from memberpulse_auth_client.tokens import Key, Token, kid_of, verify

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text())
KEYS: dict[str, Key] = {jwk["kid"]: read_key(jwk) for jwk in VECTORS["jwks"]["keys"]}


def verified(token: str, now: int) -> Token:
    key = KEYS.get(kid_of(token))
    return verify(token, key, issuer=VECTORS["issuer"], audience=VECTORS["audience"], now=now, leeway=VECTORS["leeway"])


@pytest.mark.parametrize("case", VECTORS["tokens"], ids=lambda case: case["name"])
def test_token(case: dict[str, Any]) -> None:
    if case["verdict"] == "good":
        assert verified(case["token"], case["now"]).sub == VECTORS["claims"]["sub"]
        return
    with pytest.raises(TokenInvalid) as refused:
        verified(case["token"], case["now"])
    assert refused.value.reason == case["reason"]


def test_all_claims_are_read() -> None:
    who = verified(VECTORS["tokens"][0]["token"], VECTORS["tokens"][0]["now"])
    told = {name: getattr(who, name) for name in VECTORS["claims"] if name not in {"iss", "aud"}}
    assert told == {
        name: tuple(map(str, value)) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]  # JSON
        for name, value in VECTORS["claims"].items()
        if name not in {"iss", "aud"}
    }


@pytest.mark.parametrize("case", VECTORS["revocations"], ids=lambda case: case["name"])
def test_revocation(case: dict[str, Any]) -> None:
    revocations = Revocations()
    revocations.note(case["entries"])
    assert revocations.void(verified(case["token"], VECTORS["tokens"][0]["now"])) == case["void"]


def test_enough_of_both() -> None:
    verdicts = [case["verdict"] for case in VECTORS["tokens"]]
    assert verdicts.count("good") >= 10
    assert verdicts.count("bad") >= 60
