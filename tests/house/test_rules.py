"""The rules of the house that no linter knows."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import api
from app.access.permissions import MATRIX, ROUTES
from app.config import Config
from app.http.exchange import Exchange
from app.main import create_app
from app.problems import Problem
from tests.gateway import BASE, SERVICE, Stage
from tests.threats.matrix import EXPECTED

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
SOURCES = sorted(APP.rglob("*.py"))
LIMIT = 250
LONG = {
    "app/bootstrap.py": "the composition root: every adapter is named here, and nowhere else",
    "app/config.py": "every setting, what makes one good and what production refuses: to be read together",
    "app/db/embedded.py": "one server's life from start to stop: each half would need the other's locks",
    "app/sessions/endpoints.py": "ten routes with their OpenAPI words; each is a few lines",
    "app/sso/endpoints.py": "six routes with their OpenAPI words, and what their answers share",
    "app/settings/gateway.py": "the same methods again, each asked of whichever key counts",
    "app/workos/client.py": "the port's every method, each a line that says where its work is done",
}
# Pages and files for browsers: they hold nothing and stand in no document.
PAGES = {"/auth/break-glass", "/auth/signed-in", "/auth/page.css", "/auth/page.js", "/auth/icon.svg"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def problems(of: type[Problem] = Problem) -> Iterator[type[Problem]]:
    yield of
    for kind in of.__subclasses__():
        yield from problems(kind)


def test_one_file_begins_and_commits() -> None:
    """house.md rule 3: the worker and the HTTP dependency use uow.begin; batches commit by single statements."""
    stray = re.compile(r"\.(begin|begin_nested|commit|rollback|transaction)\(|AUTOCOMMIT")
    assert {named(path) for path in SOURCES if stray.search(path.read_text())} == {"app/uow.py"}
    # Where a statement would stand; a secret's rotation has a step of that name, too.
    spoken = re.compile(r"(\(|return |(?<![!=])= )\s*[\"'](begin|start transaction|commit|rollback)\b", re.IGNORECASE)
    # The lane says it in words; it is opened by `uow.hot_beginner` alone.
    assert {named(path) for path in SOURCES if spoken.search(path.read_text())} == {"app/db/lane.py"}


def test_every_problem_has_a_code_a_title_and_a_remedy_of_its_own() -> None:
    create_app(Config(environment="test"))  # imports every room
    ours = [kind for kind in problems() if kind.__module__.startswith("app.")]
    assert len(ours) > 30
    # A subclass may keep its parent's code where only the log differs (TokenInvalid).
    codes = Counter(kind.code for kind in ours if "code" in vars(kind))
    assert [code for code, times in codes.items() if times > 1] == []
    for kind in ours:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code), kind
        assert kind.title.endswith((".", "?")), kind
        assert kind.remedy.endswith((".", "?")), kind


def test_every_route_is_in_the_matrix_and_nothing_else() -> None:
    document = create_app(Config(environment="test")).openapi()
    served = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert served == set(ROUTES)
    assert {permission for permission in ROUTES.values() if permission} <= set(MATRIX)
    assert served == set(EXPECTED), "every route has a line in tests/threats/matrix.py, which F1 asks cell by cell"


def test_only_pages_are_left_out_of_the_document() -> None:
    hidden = {
        str(getattr(route, "path", ""))
        for router in api.ROUTERS
        for route in router.routes
        if not getattr(route, "include_in_schema", True)
    }
    assert hidden == PAGES


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[1].startswith("/api/")])
async def test_every_api_route_refuses_who_says_nothing(method: str, path: str, stage: Stage) -> None:
    assert ROUTES[method, path] is not None
    browser = stage.browser()
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Cookie": "mp_session=" + "a" * 43}):
        answer = await browser.http.request(method, re.sub(r"\{\w+\}", "x", path), headers=headers)
        assert answer.status_code == 401, headers
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_every_protected_route_refuses_a_service(stage: Stage) -> None:
    """A service's credential opens what `service` may do and nothing that a person may."""
    for (method, path), permission in ROUTES.items():
        if permission and "service" not in MATRIX[permission]:
            answer = await stage.browser().http.request(method, re.sub(r"\{\w+\}", "x", path), auth=SERVICE)
            assert answer.status_code == 401, path


def test_every_hot_door_is_an_ordinary_route_too(stage: Stage) -> None:
    assert len(stage.app.doors) >= 6
    assert set(stage.app.doors) <= set(ROUTES)


async def test_a_hot_door_and_its_ordinary_route_answer_alike(stage: Stage) -> None:
    differing = {"content-length", "x-request-id", "set-cookie", "location"}
    for (method, path), door in list(stage.app.doors.items()):
        for origin in (BASE, "https://evil.example"):
            hot = await stage.browser().http.request(method, path, headers={"Origin": origin})
            del stage.app.doors[method, path]
            try:
                plain = await stage.browser().http.request(method, path, headers={"Origin": origin})
            finally:
                stage.app.doors[method, path] = door
            assert hot.status_code == plain.status_code, path
            assert {k: v for k, v in hot.headers.items() if k not in differing} == {
                k: v for k, v in plain.headers.items() if k not in differing
            }, path
            assert "content-security-policy" in hot.headers
            assert hot.headers["x-content-type-options"] == "nosniff"


def test_a_door_that_nobody_would_look_for_is_refused(stage: Stage) -> None:
    async def door(_exchange: Exchange) -> None:
        return None

    with pytest.raises(ValueError, match="/api/users"):
        stage.app.open_doors({("GET", "/api/users/{person_id}"): door})
    assert ("GET", "/api/users/{person_id}") not in stage.app.doors


def test_files_are_short_or_say_why_not() -> None:
    long = {named(path) for path in SOURCES if len(path.read_text().splitlines()) > LIMIT}
    assert long == set(LONG), "split the file, or give its reason above; strike what became short"


@pytest.mark.parametrize("room", sorted(APP.glob("*/__init__.py")), ids=lambda path: path.parent.name)
def test_every_room_has_a_plaque_and_no_code_in_it(room: Path) -> None:
    (only,) = ast.parse(room.read_text()).body
    assert isinstance(only, ast.Expr)
    assert isinstance(only.value, ast.Constant)
    assert 5 <= len(str(only.value.value).strip().splitlines()) <= 15


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_file_begins_with_its_one_line(path: Path) -> None:
    doc = ast.get_docstring(ast.parse(path.read_text()))
    assert doc
    if path.name != "__init__.py":
        assert len(doc.splitlines()[0]) > 10
        assert doc.splitlines()[0].endswith((".", ")")), "a sentence"


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
    found = [
        named(path)
        for folder in ("app", "sandbox", "migrations", "tests", "bench", "checks", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".mjs", ".toml"} and marks.search(path.read_text())
    ]
    assert found == []


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    example = (ROOT / ".env.example").read_text()
    told = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE))
    assert told == {name.upper() for name in Config.model_fields}
