"""Revisions: which states of the schema this code knows, read from the migrations' text."""

import re
from pathlib import Path
from typing import Final

VERSIONS: Final = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_STEP: Final = re.compile(r'^revision = "(\w+)"\ndown_revision = (?:None|"(\w+)")$', re.MULTILINE)


def revisions(folder: Path = VERSIONS) -> list[str]:
    """Return the revisions that this code knows, the one it expects first.

    Alembic would tell them too, and cost every process ten megabytes and a tenth of a second of its start.

    Raises:
        ValueError: a file is no migration, or they are not one chain.
    """
    found = [_STEP.search(path.read_text()) for path in sorted(folder.glob("*.py"))]
    above = {step[2]: step[1] for step in found if step}
    chain: list[str] = []
    while above:
        chain.append(above.pop(chain[-1] if chain else None, ""))
        if not chain[-1]:
            break
    if len(set(chain)) != len(found) or not all(chain):
        raise ValueError("the migrations are not one chain")
    return chain[::-1]
