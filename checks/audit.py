"""Known vulnerabilities of the installed packages (threats.md H1): `python -m checks.audit`.

Three outcomes: `audited` (nothing beyond audit-ignores.toml), `refused` (exit 1), `not audited` (some package has no
answer from an advisory database: exit 0, said loudly, because a machine without one can still be worked on).
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal, NotRequired, TypedDict, cast

from checks import tools

IGNORES: Final = Path(__file__).with_name("audit-ignores.toml")
OURSELVES: Final = "memberpulse-auth"


class Ignore(TypedDict):
    """An entry of audit-ignores.toml."""

    id: str
    package: str
    reason: str
    owner: str
    expires: date


class Vulnerability(TypedDict):
    """A finding as pip-audit writes it."""

    id: str
    aliases: NotRequired[list[str]]


class Package(TypedDict):
    """An installed package as pip-audit writes it; `skip_reason` when it could not be looked up."""

    name: str
    version: NotRequired[str]
    vulns: NotRequired[list[Vulnerability]]
    skip_reason: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and what there is to say about it."""

    outcome: Literal["audited", "refused", "not audited"]
    lines: tuple[str, ...]


def judge(packages: Iterable[Package] | None, ignores: Iterable[Ignore], today: date) -> Verdict:
    """Return the verdict on pip-audit's packages; None when it gave no answer at all."""
    entries = list(ignores)
    installed = [package for package in packages or () if package["name"] != OURSELVES]
    faults = [*_bad_entries(entries, today), *_unexpected(installed, entries)]
    if faults:
        return Verdict("refused", tuple(faults))
    unknown = [package["name"] for package in installed if "skip_reason" in package]
    if not installed or unknown:
        whole = not installed or len(unknown) == len(installed)
        return Verdict("not audited", ("every package" if whole else ", ".join(unknown),))
    return Verdict("audited", tuple(_idle(installed, entries)))


def _bad_entries(entries: Iterable[Ignore], today: date) -> Iterator[str]:
    for entry in entries:
        if entry["expires"] < today:
            yield f"{entry['id']} ({entry['package']}): expired on {entry['expires']}; {entry['owner']} decides anew"
        if not entry["reason"].strip() or not entry["owner"].strip():
            yield f"{entry['id']} ({entry['package']}): an exception needs a reason and an owner"


def _unexpected(installed: Iterable[Package], entries: Iterable[Ignore]) -> Iterator[str]:
    excused = {(entry["package"], entry["id"]) for entry in entries}
    for package in installed:
        for vulnerability in package.get("vulns", ()):
            names = [vulnerability["id"], *vulnerability.get("aliases", ())]
            if not any((package["name"], name) in excused for name in names):
                yield f"{package['name']} {package.get('version', '')}: {' = '.join(names)}"


def _idle(installed: Iterable[Package], entries: Iterable[Ignore]) -> Iterator[str]:
    """Say which exceptions found nothing to excuse, so that someone removes them."""
    present = {
        (package["name"], name)
        for package in installed
        for vulnerability in package.get("vulns", ())
        for name in (vulnerability["id"], *vulnerability.get("aliases", ()))
    }
    for entry in entries:
        if (entry["package"], entry["id"]) not in present:
            yield f"{entry['id']} ({entry['package']}) is no longer reported: remove the exception"


def exceptions() -> list[Ignore]:
    """Return the entries of audit-ignores.toml."""
    return cast("list[Ignore]", tomllib.loads(IGNORES.read_text()).get("ignore", []))


def _ask() -> list[Package] | None:
    asked = tools.run("pip-audit", "--format=json", "--progress-spinner=off", "--skip-editable", "--timeout=10")
    try:
        answer = json.loads(asked.stdout)
    except ValueError:
        sys.stderr.write("".join(asked.stderr.splitlines(keepends=True)[-3:]))
        return None
    return cast("list[Package]", answer["dependencies"])


def main() -> int:
    """Ask pip-audit about this environment and judge; return the exit code."""
    today = datetime.now(UTC).date()  # noqa: TID251 -- a check runs on the calendar, it has no Clock
    verdict = judge(_ask(), exceptions(), today)
    for line in verdict.lines:
        sys.stdout.write(f"  {line}\n")
    if verdict.outcome == "not audited":
        sys.stdout.write("vulnerabilities: NOT AUDITED: no advisory database answered for the packages above.\n")
    else:
        sys.stdout.write(f"vulnerabilities: {verdict.outcome}\n")
    return 1 if verdict.outcome == "refused" else 0


if __name__ == "__main__":
    sys.exit(main())
