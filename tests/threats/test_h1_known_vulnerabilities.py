"""H1: a known vulnerability without a living, reasoned exception stops the check, and silence is not an audit."""

import json
import subprocess
from datetime import date

import pytest

from checks import audit, tools

TODAY = date(2026, 11, 24)
CLEAN: audit.Package = {"name": "anyio", "version": "4.0", "vulns": []}
BROKEN: audit.Package = {
    "name": "python-jose",
    "version": "3.5.0",
    "vulns": [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-85394"]}],
}
SKIPPED: audit.Package = {"name": "workos", "skip_reason": "no advisory database answered"}
OURS: audit.Package = {"name": "memberpulse-auth", "skip_reason": "distribution marked as editable"}


def _ignore(
    vulnerability: str = "CVE-2026-85394", *, until: date = date(2027, 5, 31), reason: str = "fenced"
) -> audit.Ignore:
    return {"id": vulnerability, "package": "python-jose", "reason": reason, "owner": "us", "expires": until}


def test_h1_finding_outside_the_file_is_refused() -> None:
    verdict = audit.judge([CLEAN, BROKEN], [], TODAY)
    assert verdict.outcome == "refused"
    assert verdict.lines == ("python-jose 3.5.0: PYSEC-2026-1 = CVE-2026-85394",)


def test_h1_exception_is_for_one_package_and_one_vulnerability() -> None:
    other: audit.Package = {"name": "anyio", "vulns": [{"id": "CVE-2026-85394"}]}
    assert audit.judge([BROKEN], [_ignore()], TODAY).outcome == "audited"
    assert audit.judge([BROKEN, other], [_ignore()], TODAY).outcome == "refused"
    assert audit.judge([BROKEN], [_ignore("CVE-2024-33663")], TODAY).outcome == "refused"


@pytest.mark.parametrize("packages", [[BROKEN], [SKIPPED], None])
def test_h1_expired_exception_is_refused_even_where_nothing_was_audited(packages: list[audit.Package] | None) -> None:
    assert audit.judge(packages, [_ignore(until=date(2026, 11, 24))], TODAY).outcome != "refused"
    verdict = audit.judge(packages, [_ignore(until=date(2026, 11, 23))], TODAY)
    assert verdict.outcome == "refused"
    assert "expired on 2026-11-23" in verdict.lines[0]


def test_h1_exception_without_a_reason_is_refused() -> None:
    assert audit.judge([BROKEN], [_ignore(reason=" ")], TODAY).outcome == "refused"


@pytest.mark.parametrize("packages", [None, [], [OURS], [SKIPPED], [CLEAN, SKIPPED]])
def test_h1_no_answer_is_not_an_audit(packages: list[audit.Package] | None) -> None:
    assert audit.judge(packages, [], TODAY).outcome == "not audited"


def test_h1_finding_is_refused_even_where_another_package_had_no_answer() -> None:
    assert audit.judge([BROKEN, SKIPPED], [], TODAY).outcome == "refused"


def test_h1_exception_that_excuses_nothing_is_named() -> None:
    verdict = audit.judge([CLEAN, OURS], [_ignore()], TODAY)
    assert verdict.outcome == "audited"
    assert "no longer reported" in verdict.lines[0]


@pytest.mark.parametrize(
    ("printed", "exit_code", "said"),
    [
        (json.dumps({"dependencies": [CLEAN, BROKEN]}), 0, "vulnerabilities: audited"),
        (json.dumps({"dependencies": [{"name": "anyio", "vulns": [{"id": "CVE-1"}]}]}), 1, "vulnerabilities: refused"),
        (json.dumps({"dependencies": [SKIPPED]}), 0, "NOT AUDITED"),
        ("", 0, "NOT AUDITED"),
    ],
)
def test_h1_program_says_which_of_the_three_it_was(
    printed: str, exit_code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answered(*_arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, printed, "the advisory database is away")

    monkeypatch.setattr(tools, "run", answered)
    assert audit.main() == exit_code
    output = capsys.readouterr().out
    assert said in output
    assert ("vulnerabilities: audited" in output) == (said == "vulnerabilities: audited")


def test_h1_expected_exceptions_are_the_only_ones() -> None:
    assert [ignore["id"] for ignore in audit.exceptions()] == ["CVE-2026-85394", "CVE-2024-23342"]


def test_h1_auditor_is_installed() -> None:
    """What the tests above replace exists, and `make check` runs it."""
    assert tools.run("pip-audit", "--version").returncode == 0
    assert "$(BIN)/python -m checks.audit" in (tools.ROOT / "Makefile").read_text()
