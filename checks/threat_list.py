"""The list of threats and their tests in docs/threat-model.md, made from the tests' own first lines.

`python -m checks.threat_list` writes it; tests/docs compares it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
DOCUMENT: Final = ROOT / "docs" / "threat-model.md"
_BEGIN: Final = "<!-- the list: python -m checks.threat_list -->\n"
_END: Final = "<!-- end of the list -->\n"
_FIRST: Final = re.compile(r'^"""(.+?)"?"?"?$', re.MULTILINE)
_ID: Final = re.compile(r"test_([a-h])(\d+)?_?(\w*)\.py")
_GROUPS: Final = {
    "a": "Signing in",
    "b": "Tokens and keys",
    "c": "Sessions, cookies, browsers",
    "d": "Webhooks",
    "e": "Directories and tenants",
    "f": "Administration, settings, secrets, audit",
    "g": "Availability and faults",
    "h": "Supply chain and operations",
}


def listed() -> str:
    """Return the list as it should stand in the document."""
    found: dict[str, list[tuple[int, str]]] = {group: [] for group in _GROUPS}
    for path in sorted((ROOT / "tests" / "threats").glob("test_*.py")):
        told = _ID.fullmatch(path.name)
        line = _FIRST.search(path.read_text())
        if told is not None and line is not None:
            name = f"{told[1].upper()}{told[2] or ''}"
            found[told[1]].append((int(told[2] or 0), f"| {name} | {_sentence(line[1])} | `{path.stem}` |\n"))
    return "\n".join(_table(group, rows) for group, rows in found.items() if rows)


def written(document: str) -> str:
    """Return the document with the list as it should be.

    Raises:
        ValueError: the document has no place for it.
    """
    before, _, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{DOCUMENT.name} has no place for the list")
    return f"{before}{_BEGIN}\n{listed()}\n{_END}{after}"


def _table(group: str, rows: list[tuple[int, str]]) -> str:
    head = f"### {group.upper()}. {_GROUPS[group]}\n\n| id | what holds | test |\n| --- | --- | --- |\n"
    return head + "".join(row for _, row in sorted(rows))


def _sentence(line: str) -> str:
    """Return a test's first line without its id."""
    return "".join(_parts(line)).replace("|", "\\|")


def _parts(line: str) -> Iterator[str]:
    said = line.partition(": ")[2] or line
    yield said[:1].upper()
    yield said[1:]


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
