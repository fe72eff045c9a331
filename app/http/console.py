"""The console's files, as `make console` built them: pages for browsers that use the API like any other client."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.http.answers import HTML, NO_STORE, Answer, Header, page
from app.http.exchange import Exchange
from app.http.handlers import exchange_of, to_response
from app.kit import urls
from app.problems import NotFound

DIST = Path(__file__).resolve().parents[2] / "console" / "dist"
_ROOT = "/console"
_INDEX = "index.html"
_TYPES = {
    ".html": HTML[1],
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
}
# Files under assets/ carry a hash of their content in their name, so they never change.
_FOR_EVER: Header = (b"cache-control", b"public, max-age=31536000, immutable")
_A_WHILE: Header = (b"cache-control", b"public, max-age=3600")
_VARY: Header = (b"vary", b"Accept-Encoding")


@dataclass(frozen=True, slots=True)
class _Built:
    """A file, plain and compressed, each as its answer."""

    plain: Answer
    compressed: Answer | None


class ConsoleFiles:
    """Answers from a folder of built files, held in memory; a new build is read when its page is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, _Built] = {}
        self._stamp = 0

    def answer(self, path: str, *, gzip: bool) -> Answer:
        """Return the file at `path`, or the first page: the console itself finds the way from there (deep links).

        Raises:
            NotFound: an asset that this build does not have.
        """
        found = self._read.get(path)
        if found is None or path == _INDEX:
            self._look()
            found = self._read.get(path)
        if found is None:
            if path.startswith("assets/"):
                raise NotFound
            found = self._read.get(_INDEX)
        if found is None:
            return _unbuilt()
        return found.compressed if gzip and found.compressed else found.plain

    def _look(self) -> None:
        """Read the build anew if it is another one."""
        try:
            stamp = (self._folder / _INDEX).stat().st_mtime_ns
        except OSError:
            self._read, self._stamp = {}, 0
            return
        if stamp != self._stamp:
            names = [path.relative_to(self._folder) for path in self._folder.rglob("*") if path.suffix in _TYPES]
            self._read = {name.as_posix(): self._built(name) for name in names}
            self._stamp = stamp

    def _built(self, name: Path) -> _Built:
        path = self._folder / name
        kept = NO_STORE if name.name == _INDEX else _FOR_EVER if name.parts[0] == "assets" else _A_WHILE
        headers = ((b"content-type", _TYPES[name.suffix]), kept, _VARY)
        small = path.with_name(f"{path.name}.gz")
        squeezed = (*headers, (b"content-encoding", b"gzip"))
        compressed = Answer(200, small.read_bytes(), squeezed) if small.exists() else None
        return _Built(Answer(200, path.read_bytes(), headers), compressed)


def _unbuilt() -> Answer:
    return page(
        "The console is not built",
        """<h1>The console is not built</h1><p>Its pages are made from the folder <code>console</code>, which needs npm
packages.</p><p class="remedy">Run <code>make console</code> beside the gateway's code and reload this page.</p>
<p>The API works without it: <a href="/docs">its documentation</a>.</p>""",
        status=503,
    )


def include(app: FastAPI, folder: Path = DIST) -> None:
    """Add the console's address; it asks for the cookie of the host that sign-ins end at, so it lives there."""
    files = ConsoleFiles(folder)

    async def console(request: Request, path: str = "") -> Response:
        exchange = exchange_of(request)
        home: str = request.app.state.runtime.in_force.now.home
        is_home = (exchange.header(b"host") or "").lower() in urls.hosts(home)
        if not is_home or exchange.path == _ROOT:
            return to_response(_elsewhere(f"{home}{_ROOT}/{quote(path)}", exchange))
        return to_response(files.answer(path or _INDEX, gzip="gzip" in (exchange.header(b"accept-encoding") or "")))

    app.add_api_route(_ROOT, console, include_in_schema=False)
    app.add_api_route(f"{_ROOT}/{{path:path}}", console, include_in_schema=False)


def _elsewhere(address: str, exchange: Exchange) -> Answer:
    query = exchange.scope["query_string"]
    location = address.encode("ascii") + (b"?" + query if query else b"")
    return Answer(307, headers=((b"location", location), NO_STORE))
