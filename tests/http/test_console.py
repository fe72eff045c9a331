"""The console's files: what is cached and what is not, deep links, other hosts, a build that is not there."""

import gzip
import os
import shutil
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from app.http.console import ConsoleFiles
from app.problems import NotFound
from sandbox.server import Sandbox
from tests.asgi import ask
from tests.gateway import Stage
from tests.sessions.stages import own_stage

PAGE, SCRIPT = b"<!doctype html><title>console</title>", b"console.log('built')"


@pytest.fixture
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of two files."""
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / "index.html").write_bytes(PAGE)
    (folder / "assets" / "index-abc.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    return folder


def headers(files: ConsoleFiles, path: str, *, gzip: bool = False) -> dict[bytes, bytes]:
    return dict(files.answer(path, gzip=gzip).headers)


def test_the_page_is_never_stored_and_hashed_files_for_ever(dist: Path) -> None:
    files = ConsoleFiles(dist)
    assert headers(files, "index.html")[b"cache-control"] == b"no-store"
    script = headers(files, "assets/index-abc.js")
    assert script[b"cache-control"] == b"public, max-age=31536000, immutable"
    assert script[b"content-type"].startswith(b"text/javascript")
    assert script[b"vary"] == b"Accept-Encoding"


def test_who_takes_gzip_gets_it_and_nobody_else(dist: Path) -> None:
    files = ConsoleFiles(dist)
    small = files.answer("assets/index-abc.js", gzip=True)
    assert gzip.decompress(small.body) == SCRIPT
    assert dict(small.headers)[b"content-encoding"] == b"gzip"
    assert files.answer("assets/index-abc.js", gzip=False).body == SCRIPT
    assert b"content-encoding" not in headers(files, "index.html", gzip=True)  # there is no compressed one


@pytest.mark.parametrize("path", ["directories/01900000", "organizations", "index.html", ".vite/manifest.json", "../x"])
def test_a_deep_link_is_answered_with_the_page_and_no_other_file(path: str, dist: Path) -> None:
    assert ConsoleFiles(dist).answer(path, gzip=False).body == PAGE


@pytest.mark.parametrize("path", ["assets/gone.js", "assets/../index.html", "assets/"])
def test_a_file_of_another_build_is_not_there(path: str, dist: Path) -> None:
    with pytest.raises(NotFound):
        ConsoleFiles(dist).answer(path, gzip=False)


def test_a_new_build_is_served_without_a_restart(dist: Path) -> None:
    files = ConsoleFiles(dist)
    assert files.answer("index.html", gzip=False).body == PAGE
    (dist / "index.html").write_bytes(b"newer")
    (dist / "assets" / "index-def.js").write_bytes(b"newer")
    os.utime(dist / "index.html", ns=(1, 2))
    assert files.answer("assets/index-def.js", gzip=False).body == b"newer"
    assert files.answer("index.html", gzip=False).body == b"newer"


def test_without_a_build_it_says_how_to_make_one(tmp_path: Path, dist: Path) -> None:
    files = ConsoleFiles(tmp_path / "later")
    answer = files.answer("index.html", gzip=True)
    assert answer.status == 503
    assert b"make console" in answer.body
    shutil.copytree(dist, tmp_path / "later")
    assert files.answer("index.html", gzip=False).body == PAGE


async def test_the_bare_address_leads_to_the_console(stage: Stage) -> None:
    answer = await ask(stage.app, "GET", "/console", query="a=1")
    assert (answer.status, answer.header("location")) == (307, "http://localhost:8000/console/?a=1")


@pytest.fixture
async def elsewhere(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncGenerator[Stage]:
    """A gateway whose sign-ins end on another host than PUBLIC_URL's."""
    config = {
        "public_url": "https://auth.memberpulse.example",
        "workos_redirect_uri": "https://app.memberpulse.example/auth/callback/workos",
    }
    async with own_stage(server_url, twin, tmp_path, **config) as stage:
        yield stage


async def test_it_lives_where_the_session_cookie_does(elsewhere: Stage) -> None:
    """The cookie is host-only: at another of our hosts the console would find no session."""
    answer = await ask(elsewhere.app, "GET", "/console/people/ä", host="auth.memberpulse.example")
    assert answer.status == 307
    assert answer.header("location") == "https://app.memberpulse.example/console/people/%C3%A4"
    answer = await ask(elsewhere.app, "GET", "/console/", host="app.memberpulse.example")
    assert answer.status in {200, 503}
    assert answer.header("content-type").startswith("text/html")


async def test_it_moves_with_the_redirect_uri_that_the_platform_sets(elsewhere: Stage) -> None:
    values = elsewhere.assembly.runtime.in_force
    values.swap(replace(values.now, redirect_uri="https://auth.memberpulse.example/auth/callback/workos"))
    answer = await ask(elsewhere.app, "GET", "/console/", host="app.memberpulse.example")
    assert (answer.status, answer.header("location")) == (307, "https://auth.memberpulse.example/console/")
    assert (await ask(elsewhere.app, "GET", "/console/", host="auth.memberpulse.example")).status in {200, 503}
