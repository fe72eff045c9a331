"""Credentials in files that are or would be committed (threats.md H5): `python -m checks.secret_scan`.

Everything is searched for what has the shape of a real credential (private keys, live API keys, tokens of known
services). Names like `password` and random-looking strings are not searched for in tests, bench and docs: there,
every credential is made up. `.secrets.baseline` holds what was looked at and is none.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypedDict, cast

from checks.tools import ROOT, report, repository_files, run

BASELINE: Final = ROOT / ".secrets.baseline"
_MADE_UP: Final = ("tests", "bench", "docs", "console/tests")
# No guessing by name or by randomness where credentials are made up.
MADE_UP_OPTIONS: Final = tuple(
    f"--disable-plugin={plugin}" for plugin in ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString")
)
# Hashes of packages, written by uv and npm; and the baseline is made of hashes.
# The shared vectors are tokens by keys that no gateway publishes.
_NOT_SEARCHED: Final = frozenset(
    {
        "uv.lock",
        "console/package-lock.json",
        "openapi/package-lock.json",
        ".secrets.baseline",
        "clients/vectors/vectors.json",
    }
)


class Found(TypedDict):
    """What looks like a credential, as detect-secrets writes it (the credential itself is hashed)."""

    type: str
    filename: str
    hashed_secret: str
    line_number: int


Results = Mapping[str, Sequence[Found]]


def scan(paths: Iterable[Path], *options: str, root: Path = ROOT) -> Results:
    """Return what detect-secrets finds in the files (relative to `root`); nothing is sent anywhere to verify it."""
    names = [path.as_posix() for path in paths if path.as_posix() not in _NOT_SEARCHED]
    if not names:
        return {}
    done = run("detect-secrets", "scan", "--no-verify", *options, *names, root=root)
    if done.returncode:
        raise RuntimeError(f"detect-secrets failed: {done.stderr[-500:]}")
    return cast("Results", json.loads(done.stdout)["results"])


def unknown(results: Results, baseline: Results) -> list[str]:
    """Return what is not in the baseline, as places to look at."""
    known = {
        (name, found["type"], found["hashed_secret"]) for name, all_found in baseline.items() for found in all_found
    }
    return [
        f"{name}:{found['line_number']}: {found['type']}"
        for name, all_found in sorted(results.items())
        for found in all_found
        if (name, found["type"], found["hashed_secret"]) not in known
    ]


def main() -> int:
    """Scan the repository; return the exit code."""
    paths = repository_files()
    made_up = [path for path in paths if path.as_posix().startswith(tuple(f"{folder}/" for folder in _MADE_UP))]
    baseline = cast("Results", json.loads(BASELINE.read_text())["results"])
    shapes = scan(made_up, *MADE_UP_OPTIONS)
    everything = scan(path for path in paths if path not in set(made_up))
    return report("secrets", unknown({**shapes, **everything}, baseline))


if __name__ == "__main__":
    sys.exit(main())
