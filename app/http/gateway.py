"""Gateway: FastAPI behind one pure-ASGI edge, with a table of hot doors."""

import ipaddress
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache, partial
from typing import Any

from fastapi import FastAPI

from app import log
from app.config import Config
from app.http import cors, metrics
from app.http.answers import Answer, Header, length_of, lines_of, problem_answer
from app.http.exchange import MAX_BODY, ClientGone, Exchange, Receive, Scope, Send
from app.http.handlers import DEEDS, to_problem
from app.http.limits import AddressLimits
from app.http.whole_answer import WHOLE_ANSWER
from app.kit import urls
from app.kit.ids import Ids
from app.problems import BadRequest, TooLarge

# None: a request that this door leaves to the ordinary route.
Door = Callable[[Exchange], Awaitable[Answer | None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:-]{8,64}")
_logger = log.get("http")

# Swagger UI and Redoc carry inline styles of their own; scripts stay ours everywhere.
_CSP = (
    b"default-src 'self'; script-src 'self'; style-src 'self'%s; img-src 'self' data:; object-src 'none';"
    b" base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_STRICT = _CSP % b""
_DOCS = _CSP % b" 'unsafe-inline'; worker-src blob:"
_NONE: dict[str, Any] = {}
_LONGEST_LENGTH = len(str(MAX_BODY))
_ID, _ONE_ID, _PARTS = re.compile(r"\{\w+\}"), re.compile(r"/\w+/\w+/\{\w+\}/\w+"), 5  # at its slashes
_PROBES = frozenset({"/healthz", "/readyz"})  # orchestrators ask by address; nothing of the host is echoed
_DOCS_PATHS = frozenset({"/docs", "/redoc"})


class UnknownHost(BadRequest):
    """The Host header is not ours (threats.md A22); 421 as RFC 9110 section 15.5.20 has it."""

    status = 421
    code = "host_unknown"
    title = "This address is not served under that host name."
    remedy = "Use the gateway's public address (PUBLIC_URL)."


class Gateway(FastAPI):
    """The ASGI application. `doors` answer before FastAPI is asked; `app/api.py` lists them."""

    def __init__(self, config: Config, ids: Ids, **options: Any) -> None:  # noqa: ANN401 -- FastAPI's own options
        super().__init__(**options)
        self.doors: dict[tuple[str, str], Door] = {}
        """By method and the ordinary route's path, which may hold one id: `/api/{things}/{id}/{parts}`."""
        self._patterns: dict[str, str] = {}
        self.limits: AddressLimits | None = None
        self.fault: str | None = None
        """Why it cannot start, where an operator can mend that; told in place of a traceback."""
        self._ids = ids
        self._hosts = frozenset(host.encode("ascii") for host in config.hosts)
        self._proxies = tuple(ipaddress.ip_network(part, strict=False) for part in config.trusted_proxies)
        self._headers = _security_headers(config)
        self._cors = cors.headers_by_origin(config.app_origins_exact)

    def open_doors(self, doors: Mapping[tuple[str, str], Door]) -> None:
        """Let these doors answer from now on.

        Raises:
            ValueError: a door has a path that is not looked for.
        """
        for _, path in doors:
            if "{" in path and not _ONE_ID.fullmatch(path):
                raise ValueError(f"no door is looked for at {path}")
        self.doors.update(doors)
        self._patterns = {_ID.sub("{}", path): path for _, path in self.doors}

    def _door(self, method: str, path: str) -> tuple[str, Door | None]:
        """Return the route's path, as far as it is one of a door's, and the door."""
        parts = path.split("/", _PARTS)
        if len(parts) == _PARTS:
            path = self._patterns.get("/".join((*parts[:3], "{}", parts[4])), path)
        return path, self.doors.get((method, path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection: the edge first, then a hot door or FastAPI."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, partial(self._start, send))
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        await self._serve(scope, receive, send)

    async def _start(self, send: Send, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "lifespan.startup.failed" and self.fault:
            message["message"] = self.fault
        await send(message)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        method, path = scope["method"], scope["path"]
        if method == "HEAD" and path not in DEEDS:
            # The server keeps its own scope: it sends the head that GET has, and no body (RFC 9110 section 9.3.2).
            scope = {**scope, "method": "GET"}
        host, request_id, origin = self._identify(scope)
        log.bind_request(request_id)
        exchange = Exchange(scope, receive, request_id, self._proxies)
        scope["exchange"] = exchange
        common = (*self._headers, *self._cors.get(origin, ())) if origin else self._headers
        reply = _Reply(scope, send, common, request_id.encode("ascii"))
        route, door = self._door(scope["method"], path)
        refusal = None
        try:
            self._require_address(host, scope)
            if origin and method == "OPTIONS":
                await reply.answer(cors.preflight(allowed=origin in self._cors))
            elif self.limits and (refusal := await self.limits.refusal(exchange)):
                await reply.answer(refusal)
            elif door is None or not await reply.answered(door(exchange)):
                door = None
                await super().__call__(scope, receive, reply)
        except ClientGone:
            reply.status = 499  # the client closed its request: not our fault, not worth a traceback (threats.md G11)
        except Exception as error:  # noqa: BLE001 -- the last net: nothing may leave as a bare 500
            await self._refuse(error, exchange, reply)
        finally:
            seconds = time.perf_counter() - started
            metrics.observe(route if door else _route(scope), reply.status, seconds)
            # A log line per hot success would cost more than the request; one per refusal, of a flood, would be one.
            if refusal is None and (door is None or reply.status >= 400):  # noqa: PLR2004 -- RFC 9110 section 15.5
                _logger.info(
                    "http.request.served",
                    method=method,
                    path=path,
                    status=reply.status,
                    milliseconds=round(seconds * 1000, 1),
                    ip=exchange.client_ip,
                )

    def _require_address(self, host: bytes, scope: Scope) -> None:
        if "too_large" in scope:
            raise TooLarge  # before anybody reads it; FastAPI's own limit counts what is not declared
        if host not in self._hosts and scope["path"] not in _PROBES:
            raise UnknownHost
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            raise BadRequest("The address holds a NUL character.")  # Postgres text cannot hold it: a 500 otherwise

    def _identify(self, scope: Scope) -> tuple[bytes, str, bytes]:
        host = given = origin = b""
        for key, value in scope["headers"]:
            if key == b"host":
                # A second Host header matches nothing: two parties could read two different requests.
                host = value.lower() if not host else b"\x00"
            elif key == b"x-request-id":
                given = value
            elif key == b"origin":
                origin = value
            elif key == b"content-length" and _exceeds(value):
                scope["too_large"] = True
        known = given if _REQUEST_ID.fullmatch(given) else b""
        return host, known.decode("ascii") or self._ids.uuid().hex, origin

    async def _refuse(self, error: Exception, exchange: Exchange, reply: "_Reply") -> None:
        if reply.complete:
            return  # Starlette answered and raises once more for the log, where to_problem already wrote it
        if reply.status:
            raise error  # half an answer is out; uvicorn closes the connection
        problem = to_problem(error)
        await reply.answer(problem_answer(problem, request_id=exchange.request_id, instance=exchange.path))


class _Reply:
    """ASGI send that adds what every answer carries."""

    __slots__ = ("_headers", "_request_id", "_scope", "_send", "complete", "status")

    def __init__(self, scope: Scope, send: Send, headers: tuple[Header, ...], request_id: bytes) -> None:
        self._scope = scope
        self._send = send
        self._headers = headers
        self._request_id = request_id
        self.status = 0
        self.complete = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._common(message.get("headers", ()))]
        await self._send(message)
        self.complete = message["type"] == "http.response.body" and not message.get("more_body", False)

    async def answered(self, asked: Awaitable[Answer | None]) -> bool:
        answer = await asked
        if answer is not None:
            await self.answer(answer)
        return answer is not None

    async def answer(self, answer: Answer) -> None:
        own = (*answer.headers, *length_of(answer), (b"x-request-id", self._request_id))
        lines = lines_of(own) + _ready_lines(self._headers)
        self.status = answer.status  # not before the lines are made: what fails until here is answered anew
        write_whole = self._scope.get("extensions", _NONE).get(WHOLE_ANSWER)
        if write_whole and write_whole(answer.status, lines, answer.body):
            return
        await self._send({"type": "http.response.start", "status": answer.status, "headers": [*own, *self._headers]})
        await self._send({"type": "http.response.body", "body": answer.body})

    def _common(self, present: Any) -> list[Header]:  # noqa: ANN401 -- ASGI's own list
        common = [(b"x-request-id", self._request_id), *self._headers]
        if self._scope["path"] in _DOCS_PATHS:
            common = [(key, _DOCS if key == b"content-security-policy" else value) for key, value in common]
        if not any(key == b"cache-control" for key, _ in present):
            common.append((b"cache-control", b"no-store"))
        return common


_ready_lines = lru_cache(maxsize=32)(lines_of)  # the same few for every answer: by our own origins, and for the rest


def _exceeds(length: bytes) -> bool:
    return len(length) > _LONGEST_LENGTH or not length.isdigit() or int(length) > MAX_BODY


def _security_headers(config: Config) -> tuple[Header, ...]:
    """What every answer carries (threats.md C7)."""
    # A form's answer redirects to the front end, and Chromium holds redirects to form-action too (CSP level 3, 6.4.1).
    own_forms, front_end = b"form-action 'self'", urls.origin(config.app).encode("ascii")
    headers = (
        (b"content-security-policy", _STRICT.replace(own_forms, own_forms + b" " + front_end)),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        # On every answer: a cache that kept one without our CORS headers would serve it to the front end.
        (b"vary", b"Origin"),
    )
    hsts = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
    return (*headers, hsts) if config.secure_cookies else headers


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", None) or "other"  # never the raw path: its values are unbounded
