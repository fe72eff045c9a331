"""Calls: one kind of call to WorkOS, from request to checked record, in a lane of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog

from app.problems import Problem
from app.workos import shapes
from app.workos.errors import UpstreamInvalidResponse, UpstreamUnavailable
from app.workos.lanes import Lane
from app.workos.noticed import Notices, notice
from app.workos.retries import RetryBudget
from app.workos.wire import Answer

T = TypeVar("T")
Read = Callable[[shapes.Object], T]
Turn = Callable[[], AbstractAsyncContextManager[None]]

_LOG = structlog.get_logger("workos")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much WorkOS may take of us, in seconds and bytes (threats.md A19, A20, G2).

    `page_…` are for what jobs read: nobody's browser waits for a page of a hundred people, and one that is refused for
    its slowness or size would end every sync of that directory. `pace_wait` is the longest wait for a directory's turn.
    """

    answer: float = 4.0
    deadline: float = 5.0
    places: int = 20
    place_wait: float = 1.0
    login_body: int = 512 * 1024
    api_body: int = 8 * 1024 * 1024
    retry_pause: float = 0.2
    page_answer: float = 8.0
    page_deadline: float = 10.0
    page_places: int = 8
    page_body: int = 16 * 1024 * 1024
    pace_wait: float = 5.0

    def for_pages(self) -> "Limits":
        """Return the limits of reading pages, under the names that `Calls` and a lane go by."""
        return replace(self, answer=self.page_answer, deadline=self.page_deadline, places=self.page_places)


class Calls:
    """Sends requests through the SDK's `request`, and raises nothing but Problems."""

    def __init__(
        self,
        request: Callable[..., Awaitable[object]],
        lane: Lane,
        limits: Limits,
        notices: Notices | None = None,
    ) -> None:
        """Take where to write down how WorkOS answers; nowhere for what is only tried."""
        self._notices = notices
        self._request = request
        self._lane = lane
        self._limits = limits
        self._budget = RetryBudget()

    def beside(self, request: Callable[..., Awaitable[object]]) -> "Calls":
        """Return calls in the same lane, which share its places and its breaker, through another `request`."""
        return Calls(request, self._lane, self._limits, self._notices)

    async def post(
        self,
        *path: str,
        read: Read[T],
        body: Mapping[str, object] | None = None,
        refused: Callable[[Problem], T | None] | None = None,
    ) -> T:
        """Send once, and return what `read` makes of the answer, or `refused` of a refusal (`None`: it stays one).

        `refused` is asked before the lane is: what one object is refused must not stop the calls for the others.
        """

        async def call() -> T:
            try:
                return await self._send("post", path, read, body=body)
            except Problem as problem:
                outcome = refused(problem) if refused else None
                if outcome is None:
                    raise
                return outcome

        return await self._logged(path, lambda: self._lane.run(call))

    async def tell(self, *path: str, body: dict[str, Any], idempotency_key: str | None = None) -> None:
        """Send what is answered with nothing that is needed; WorkOS may answer it with no body at all.

        Once; with a key by which WorkOS knows it again, once more if the connection failed or WorkOS stumbled.
        """
        options = {} if idempotency_key is None else {"idempotency_key": idempotency_key}

        async def send() -> None:
            await self._exchange("post", path, body=body, options=options)

        async def call() -> None:
            await (self._twice(send) if options else send())

        await self._logged(path, lambda: self._lane.run(call))

    async def patch(self, *path: str, body: Mapping[str, object], read: Read[T]) -> T:
        """Send once, and return what `read` makes of the answer."""
        return await self._logged(path, lambda: self._lane.run(lambda: self._send("patch", path, read, body=body)))

    async def get(self, *path: str, read: Read[T], params: dict[str, object] | None = None) -> T:
        """Send, once more if the connection failed or WorkOS stumbled, and return what `read` makes of the answer."""

        def send() -> Awaitable[T]:
            return self._send("get", path, read, params=params)

        return await self._logged(path, lambda: self._lane.run(lambda: self._twice(send)))

    async def get_in_turn(self, *path: str, read: Read[T], params: dict[str, object], turn: Turn) -> T:
        """Do as `get` does, each try inside a `turn` of its own: a second one keeps to the pace too.

        The wait for a turn takes no place in the lane and counts towards no deadline: with many directories being read
        at once it would starve them all.
        """

        async def send() -> T:
            async with turn():
                return await self._lane.run(lambda: self._send("get", path, read, params=params))

        return await self._logged(path, lambda: self._twice(send))

    async def _twice(self, send: Callable[[], Awaitable[T]]) -> T:
        self._budget.earn()
        try:
            return await send()
        except UpstreamUnavailable as problem:
            if problem.cause not in {"connection", "status"} or not self._budget.spend():
                raise
        await asyncio.sleep(self._limits.retry_pause)
        return await send()

    async def _logged(self, path: tuple[str, ...], call: Callable[[], Awaitable[T]]) -> T:
        try:
            answer = await call()
        except Problem as problem:
            if self._notices is not None:
                notice(self._notices, path, problem)
            cause = problem.cause if isinstance(problem, UpstreamUnavailable) else None
            _LOG.warning(
                "workos.call.failed",
                path=path[0],
                problem=problem.code,
                why=_why(problem),
                cause=cause,
                **problem.extra,
            )
            raise
        if self._notices is not None:
            notice(self._notices, path, None)
        return answer

    async def _send(self, method: str, path: tuple[str, ...], read: Read[T], **sent: Any) -> T:  # noqa: ANN401 -- the SDK's params or body
        return _checked(await self._exchange(method, path, **sent), read)

    async def _exchange(
        self,
        method: str,
        path: tuple[str, ...],
        *,
        options: dict[str, Any] | None = None,
        **sent: Any,  # noqa: ANN401 -- as above
    ) -> object:
        options = {"timeout": self._limits.answer, **(options or {})}
        try:
            return await self._request(method, path, **sent, request_options=options)
        except Problem:
            raise
        except Exception as error:  # the SDK's AttributeError and TypeError traps among them (workos.md section 1)
            raise UpstreamInvalidResponse("The answer could not be read.") from error


def _why(problem: Problem) -> str:
    """Return the sentence for the log, with the kind of a foreign exception; its text may quote the API key."""
    foreign = type(problem.__cause__).__name__ if problem.__cause__ else getattr(problem, "reason", None)
    return f"{problem.detail or problem.title}" + (f" ({foreign})" if foreign else "")


def _checked(answer: object, read: Read[T]) -> T:
    """Return what `read` makes of the answer; the SDK gives `None` for one it could not read."""
    if not isinstance(answer, Answer):
        raise UpstreamInvalidResponse("The answer has no body.")
    try:
        return read(answer.value)
    except shapes.Mismatch as mismatch:
        detail = f"The answer has no usable {mismatch.field}."
        raise UpstreamInvalidResponse(detail, upstream_request_id=answer.request_id) from None
