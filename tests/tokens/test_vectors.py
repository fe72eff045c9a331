"""The shared vectors of `clients/vectors/`: the gateway's own verifier says of every token what clients must say."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.tokens import access_token
from app.tokens.errors import TokenInvalid
from app.tokens.keyring import Keyring
from app.tokens.signing_key import from_public_jwk

FOLDER = Path(__file__).resolve().parents[2] / "clients" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text())
_PLACES = dict(zip((jwk["kid"] for jwk in VECTORS["jwks"]["keys"]), ("active", "next", "retiring"), strict=True))
RING = Keyring(
    from_public_jwk(jwk, alg=jwk["alg"], status=_PLACES[jwk["kid"]], kid=jwk["kid"])  # type: ignore[arg-type]
    for jwk in VECTORS["jwks"]["keys"]
)


@pytest.mark.parametrize("case", VECTORS["tokens"], ids=lambda case: case["name"])
def test_the_gateway_agrees(case: dict[str, Any]) -> None:
    def verify() -> access_token.AccessToken:
        return access_token.verify(
            case["token"],
            keyring=RING,
            issuer=VECTORS["issuer"],
            audience=VECTORS["audience"],
            now=datetime.fromtimestamp(case["now"], UTC),
        )

    if case["verdict"] == "good":
        assert str(verify().sub) == VECTORS["claims"]["sub"]
    else:
        with pytest.raises(TokenInvalid):
            verify()


def test_the_file_is_what_its_script_makes() -> None:
    done = subprocess.run([sys.executable, str(FOLDER / "generate.py"), "--check"], check=False)  # noqa: S603 -- our own
    assert done.returncode == 0, "run clients/vectors/generate.py and read the difference"
