"""The page for client administrators explains every field, every warning and every problem that they may meet."""

import re
from pathlib import Path

import pytest

from app.sso.configuration_schemas import ConfigureSso
from app.sso.errors import ConfigurationConflict, ConfigurationRefused, SsoLockout
from app.sso.policy_schemas import ChangeSsoPolicy
from tests.docs.node import ROOT

TEXT = (ROOT / "docs/configure-sso.md").read_text()
WORDS = set(re.findall(r"`([a-z_A-Z0-9]+)`", TEXT))
SSO = ROOT / "app/sso"


def _literals(pattern: str, *files: str) -> set[str]:
    return {found for name in files for found in re.findall(pattern, (SSO / name).read_text())}


@pytest.mark.parametrize("model", [ConfigureSso, ChangeSsoPolicy])
def test_every_field_is_explained(model: type[ConfigureSso | ChangeSsoPolicy]) -> None:
    plain = set(re.findall(r"[a-z_]+", TEXT))
    assert set(model.model_fields) <= plain


def test_every_warning_is_explained_and_no_other() -> None:
    told = _literals(
        r'Advice\(\s*"([a-z_]+)"',
        *("certificates.py", "configuration.py", "configuration_flow.py", "discovery_document.py", "metadata.py"),
    )
    told |= _literals(r'_warning\(\s*"([a-z_]+)"', "lockouts.py")
    told |= _literals(r'": \(\s*"([a-z_]+)"', "lockouts.py") | {"no_identity"}
    assert len(told) > 8
    first = set(re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE))
    assert told <= first
    assert first - told <= set(ChangeSsoPolicy.model_fields) | set(ConfigureSso.model_fields)


@pytest.mark.parametrize("problem", [SsoLockout, ConfigurationRefused, ConfigurationConflict])
def test_every_problem_is_explained(problem: type[SsoLockout | ConfigurationRefused | ConfigurationConflict]) -> None:
    assert problem.code in WORDS


def test_what_is_wrong_is_explained_in_the_words_in_which_it_is_told() -> None:
    rows = re.search(r"\| it says \| do this \|\n(.*?)\n\n", TEXT, re.DOTALL)
    assert rows
    said = [cell for row in rows[1].splitlines()[1:] for cell in re.split(r"; | / ", row.split("|")[1].strip())]
    sources = "".join(path.read_text() for path in (*SSO.glob("*.py"), ROOT / "app/kit/outside.py"))
    flat = re.sub(r'"\s*\n?\s*f?"', "", sources)
    for sentence in said:
        begins = re.split(r" …| 443| OIDC| SAML| 404", sentence)[0]
        assert begins in flat, sentence


def test_the_readme_leads_there() -> None:
    assert "docs/configure-sso.md" in Path(ROOT / "README.md").read_text()
