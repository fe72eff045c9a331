"""H4: what builds and checks this repository fetches nothing that is not pinned, and runs nothing that it fetched raw.

There are no hosted workflows here: `.ci/run` and the Makefile are all that a build machine is given. A workflow file
that appears is a red test until it is audited (zizmor): it may hold tokens, and run other people's actions.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTED = {"node_modules/esbuild"}  # chooses its binary; it is what builds the console
RUN = (".ci/run", "Makefile", "Dockerfile", "console/package.json")
WORKFLOWS = (
    ".github/workflows", ".gitlab-ci.yml", ".circleci", "azure-pipelines.yml", ".travis.yml", "bitbucket-pipelines.yml",
    "Jenkinsfile", ".buildkite", ".drone.yml", ".woodpecker.yml", ".forgejo", ".gitea",
)  # fmt: skip
# What reaches for the network, and how it must be told what to take.
PINNED = {
    r"pip3? install": r"pip3? install (?:--[a-z-]+ )*uv==(?:\d+\.\d+\.\d+|\$\(UV_VERSION\))$",
    r"uv (?:sync|pip|tool|run|add|lock|export)\b": r"uv sync (?:--quiet )?--frozen\b",
    r"npm (?:ci|i|install|add|exec|update)\b": r"npm ci\b",
    # Debian's own archive, whose index is signed; programs for tests only, none of it shipped.
    r"apt(?:-get)? (?:install|upgrade|dist-upgrade|full-upgrade)\b|apt-get install": (
        r"apt-get install -y -qq --no-install-recommends (?:chromium|redis-server)\b"
    ),
}
NEVER = (
    r"\bcurl\b", r"\bwget\b", r"\bnpx\b", r"\buvx\b", r"\bpipx\b", r"\bgit (?:clone|pull|fetch|submodule)\b",
    r"\bgo install\b", r"\bcargo install\b", r"\bgem install\b", r"\bADD\s+https?:", r"--extra-index-url",
    r"--index-url", r"--trusted-host", r"--allow-unauthenticated", r"\badd-apt-repository\b", r"\bapt-key\b",
    r"https?://(?!127\.0\.0\.1)", r"\bsudo\b(?! -n \"\$@\")",
)  # fmt: skip


def commands() -> Iterator[tuple[str, str]]:
    """Yield every line that may be run, with the file it stands in; comments and `##` words for people left out."""
    for name in RUN:
        text = (ROOT / name).read_text().replace("\\\n", " ")
        for line in text.splitlines():
            bare = re.sub(r"(^|\s)#.*$", "", line) if name != "console/package.json" else line
            if bare.strip():
                yield name, bare.strip()


def test_h4_there_is_no_workflow_that_nobody_has_audited() -> None:
    tracked = subprocess.run(
        ("git", "ls-files"),  # noqa: S607 -- git of this machine
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    here = {str(path.relative_to(ROOT)) for name in WORKFLOWS for path in ROOT.glob(name)}
    there = {name for name in tracked if name.startswith(WORKFLOWS)}
    assert here | there == set(), "audit it with zizmor, pin its actions by commit, give it read-only permissions"


def test_h4_what_is_fetched_is_pinned() -> None:
    fetched = 0
    for name, line in commands():
        for reaching, told in PINNED.items():
            for found in re.finditer(reaching, line):
                fetched += 1
                assert re.search(told, line[found.start() :].rstrip('"').split(" &&")[0].split(" >")[0].strip()), (
                    f"{name}: {line}"
                )
    assert fetched >= 7, "the patterns see the commands that are there"


@pytest.mark.parametrize("pattern", NEVER)
def test_h4_nothing_is_fetched_by_another_way(pattern: str) -> None:
    assert [f"{name}: {line}" for name, line in commands() if re.search(pattern, line)] == []


def test_h4_the_console_is_built_from_hashes_and_runs_one_script_of_a_package() -> None:
    packages = json.loads((ROOT / "console" / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert len(fetched) > 50
    assert [name for name, package in fetched.items() if not package.get("integrity", "").startswith("sha512-")] == []
    # By default npm fetches from its registry; anything else would stand in the lock as an address.
    assert [name for name, package in fetched.items() if "resolved" in package or package.get("link")] == []
    assert {name for name, package in fetched.items() if package.get("hasInstallScript")} == SCRIPTED


def test_h4_a_build_stops_at_the_first_failure_and_reads_no_input() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert "\nexec </dev/null\n" in text
    assert "set -x" not in text, "a trace would print what the environment holds"
