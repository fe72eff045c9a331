"""Rules about our own code (threats.md H3): `python -m checks.static_rules [file ...]`.

`static-exemptions.toml` beside this file names the places that may, and why.
"""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from checks import sql_text
from checks.tools import ROOT, report, repository_files

JOSE_HOME: Final = "app/tokens/access_token.py"
EXEMPTIONS: Final = Path(__file__).with_name("static-exemptions.toml")
_STAR = re.compile(r"\b(?:select|returning)\s+(?:(?:all|distinct)\s+)?(?:\w+\.)?\*", re.IGNORECASE)
_SESSION_WIDE = re.compile(
    r"\bset_config\s*\([^()]*(?:\([^()]*\)[^()]*)*,\s*(?:false|'f(?:alse)?')\s*\)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where a rule is broken."""

    path: str
    line: int
    rule: str
    why: str

    def __str__(self) -> str:
        """Return the finding as editors like to read it."""
        return f"{self.path}:{self.line}: {self.rule}: {self.why}"


class Exemption(TypedDict):
    """How many places of a file may break a rule, and why."""

    places: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for, where, and what goes wrong there."""

    name: str
    why: str
    under: tuple[str, ...]
    lines: Callable[[str, ast.Module], Iterator[int]]


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every module that could be loaded by an import statement: `from a import b` may load `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _jose(path: str, tree: ast.Module) -> Iterator[int]:
    if path != JOSE_HOME:
        yield from (line for line, name in _imports(tree) if f"{name}.".startswith("jose."))


def _jwe(_path: str, tree: ast.Module) -> Iterator[int]:
    yield from (line for line, name in _imports(tree) if f"{name}.".startswith("jose.jwe."))


def _workos_client(_path: str, tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "AsyncWorkOSClient":
            given = {keyword.arg for keyword in node.keywords}
            if "http_client" not in given:
                yield node.lineno


def _select_star(_path: str, tree: ast.Module) -> Iterator[int]:
    yield from (line for line, text in sql_text.texts(tree) if _STAR.search(text))


def _set_config(_path: str, tree: ast.Module) -> Iterator[int]:
    yield from (line for line, text in sql_text.texts(tree) if _SESSION_WIDE.search(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "set_config":
            local = node.args[-1] if node.args else None
            if not (isinstance(local, ast.Constant) and local.value is True):
                yield node.lineno


def _assembled_sql(_path: str, tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        text = sql_text.assembled(node)
        if text is not None and sql_text.is_sql(text):
            yield getattr(node, "lineno", 1)


RULES: Final = (
    Rule("jose-elsewhere", f"only {JOSE_HOME} holds the checks that jose leaves out", ("app", "migrations"), _jose),
    Rule(
        "jose-jwe",
        "its decompression is a bomb (CVE-2024-33664)",
        ("app", "sandbox", "migrations", "bench", "docs"),
        _jwe,
    ),
    Rule("workos-own-client", "without http_client the SDK follows redirects with our key", ("app",), _workos_client),
    Rule(
        "select-star",
        "a new column breaks prepared statements of pooled connections",
        ("app", "migrations"),
        _select_star,
    ),
    Rule(
        "set-config-session",
        "outlives the transaction: the next request reads the last tenant",
        ("app", "migrations"),
        _set_config,
    ),
    Rule("assembled-sql", "values are bound, never pasted into a statement", ("app",), _assembled_sql),
)


def findings(path: str, source: str) -> list[Finding]:
    """Return what breaks a rule in this file, exempt or not; `path` is relative to the repository, with `/`."""
    tree = ast.parse(source, path)
    top = path.split("/", 1)[0]
    return [
        Finding(path, line, rule.name, rule.why)
        for rule in RULES
        if top in rule.under
        for line in sorted(set(rule.lines(path, tree)))
    ]


def judged(found: list[Finding], exemptions: Mapping[str, Mapping[str, Exemption]]) -> list[str]:
    """Return the findings that no exemption covers, and the exemptions that do not fit or give no reason."""
    places = Counter((finding.rule, finding.path) for finding in found)
    granted = {(rule, path): exemption for rule, paths in exemptions.items() for path, exemption in paths.items()}
    broken = [str(one) for one in found if (one.rule, one.path) not in granted]
    for (rule, path), exemption in sorted(granted.items()):
        if exemption["places"] != places[rule, path]:
            broken.append(f"{path}: {rule}: {exemption['places']} places are exempt, there are {places[rule, path]}")
        if not exemption["reason"].strip():
            broken.append(f"{path}: {rule}: the exemption gives no reason")
    return broken


def main(arguments: list[str]) -> int:
    """Check the named files, or all of the repository's Python; return the exit code."""
    named = [Path(name).resolve().relative_to(ROOT) for name in arguments]
    paths = [path for path in named or repository_files() if path.suffix == ".py"]
    found = [finding for path in paths for finding in findings(path.as_posix(), (ROOT / path).read_text())]
    exemptions = {} if named else tomllib.loads(EXEMPTIONS.read_text())
    return report("static rules", judged(found, exemptions))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
