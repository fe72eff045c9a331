"""The page shows the files that the tests run, letter for letter, and names only what exists."""

import json
import re

from app.access.permissions import ROUTES
from app.kit import base64url
from app.tokens.claims import LEEWAY, MAX_TTL
from tests.docs.node import SAMPLE
from tests.docs.page import PAGE, SAMPLES, refreshed, shown
from tests.docs.tokens import good
from tests.tokens.forge import ISSUER

TEXT = PAGE.read_text()
CODE = {".py", ".mjs"}


def test_code_is_the_file_letter_for_letter() -> None:
    assert shown(TEXT) == {path: (PAGE.parent / path).read_text() for path in shown(TEXT)}
    assert refreshed(TEXT) == TEXT


def test_every_sample_is_shown() -> None:
    files = (file for file in SAMPLES.rglob("*") if file.suffix in CODE and "node_modules" not in file.parts)
    assert {str(file.relative_to(PAGE.parent)) for file in files} == {
        path for path in shown(TEXT) if not path.endswith(".json")
    }


def test_no_code_is_shown_that_is_not_a_file() -> None:
    blocks = re.findall(r"^```(?:python|js)$", TEXT, re.MULTILINE)
    assert len(blocks) == len([path for path in shown(TEXT) if not path.endswith(".json")])


def test_the_token_shown_has_the_members_of_a_real_one() -> None:
    header, claims = (json.loads(block) for block in re.findall(r"```json\n(\{.*?\})\n```", TEXT, re.DOTALL)[:2])
    real_header, real_claims = (_read(part) for part in good(ISSUER).split(".")[:2])
    assert (list(header), list(claims)) == (list(real_header), list(real_claims))
    assert {name: type(value) for name, value in claims.items()} == {
        name: type(value) for name, value in real_claims.items()
    }


def test_routes_exist() -> None:
    named = set(re.findall(r"`(GET|POST) (/[\w./-]+)`", TEXT))
    assert len(named) >= 4
    assert named <= ROUTES.keys()


def test_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", TEXT) if "://" not in link]
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_samples_allow_what_the_gateway_allows() -> None:
    token = (SAMPLES / "python/memberpulse_token.py").read_text()
    assert f"\nLEEWAY = {LEEWAY} " in token
    assert f"\nOLDEST = {MAX_TTL} " in token
    verify = (SAMPLE / "verify.mjs").read_text()
    assert f"clockTolerance: {LEEWAY}," in verify
    assert f"maxTokenAge: {MAX_TTL}," in verify


def test_lockfile_pins_jose_and_names_no_registry() -> None:
    packages = json.loads((SAMPLE / "package-lock.json").read_text())["packages"]
    wanted = json.loads((SAMPLE / "package.json").read_text())["dependencies"]
    assert wanted == {"jose": packages["node_modules/jose"]["version"]}
    for package in packages.values():
        package.pop("funding", None)  # where to thank the author; npm writes it
    assert packages["node_modules/jose"]["integrity"].startswith("sha512-")
    assert "://" not in json.dumps(packages)


def _read(part: str) -> dict[str, object]:
    return json.loads(base64url.decode(part))
