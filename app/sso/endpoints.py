"""Doors of the sign-in journey."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.http.answers import NO_STORE, Answer, json_answer
from app.http.dependencies import anonymous
from app.http.exchange import FORM, Exchange, set_cookie, single_fields
from app.http.handlers import exchange_of, refused, to_response
from app.http.openapi import PROBLEMS, REDIRECT, query_parameters
from app.kit import urls
from app.problems import UnsupportedBody
from app.runtime import Runtime
from app.sessions.cookies import login_name, require_own_origin, session_token, set_session
from app.sso import discovery, flow, pages, trial, trial_page, unsolicited
from app.sso.budget import Budget
from app.sso.errors import LoginStateMismatch

router = APIRouter(tags=["sign-in"])


class SignInDoors:
    """The sign-in routes of one process: they share its Runtime and its budget for unsolicited callbacks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._budget = Budget()

    async def start(self, exchange: Exchange) -> Answer:
        """GET /auth/sso."""
        try:
            moved = self._to_redirect_host(exchange)
            if moved is not None:
                return moved
            started = await flow.start(self._runtime, exchange.query(), cookie=self._login_cookie(exchange))
            return self._redirect(started.location, started.cookie, status=302)
        except Exception as error:  # noqa: BLE001 -- a browser gets every problem as a page
            return self._refuse(exchange, error)

    async def callback(self, exchange: Exchange) -> Answer:
        """GET /auth/callback/workos."""
        try:
            query = exchange.query()
            if query.get("state", "").startswith(trial.STATE):
                return await trial_page.answer(self._runtime, exchange, query)
            if query.get("state"):
                return await self._finish(exchange, query)
            return await self._unsolicited(exchange, query)
        except Exception as error:  # noqa: BLE001 -- as above
            return self._refuse(exchange, error, clear=True)

    async def proceed(self, exchange: Exchange) -> Answer:
        """POST /auth/sso/continue: a person said yes to a sign-in that their identity provider began."""
        try:
            require_own_origin(exchange, self._runtime.config)
            fields = await _form(exchange)
            finished = await unsolicited.confirm(
                self._runtime,
                fields.get("ticket", ""),
                cookie=self._required_cookie(exchange),
                actor=anonymous(exchange),
                old_session=session_token(exchange, self._runtime.config),
            )
            return self._signed_in(finished)
        except Exception as error:  # noqa: BLE001 -- as above
            return self._refuse(exchange, error, clear=True)

    async def _finish(self, exchange: Exchange, query: dict[str, str]) -> Answer:
        finished = await flow.finish(
            self._runtime,
            query,
            cookie=self._required_cookie(exchange),
            actor=anonymous(exchange),
            old_session=session_token(exchange, self._runtime.config),
        )
        return self._signed_in(finished)

    async def _unsolicited(self, exchange: Exchange, query: dict[str, str]) -> Answer:
        if query.get("code") and not (query.get("connection_id") or query.get("connection")):
            # Only this case must ask WorkOS before it knows anything: it may cost a call, so it has a budget.
            self._budget.spend(exchange.client_ip, asyncio.get_running_loop().time())
        outcome = await unsolicited.restart(
            self._runtime, query, cookie=self._login_cookie(exchange), actor=anonymous(exchange)
        )
        if isinstance(outcome, flow.Started):
            return self._redirect(outcome.location, outcome.cookie, status=303)
        asking = pages.confirmation(outcome.email, outcome.ticket)
        return Answer(asking.status, asking.body, (*asking.headers, self._bind(outcome.cookie)))

    def _to_redirect_host(self, exchange: Exchange) -> Answer | None:
        """Cookies live on the redirect URI's host; reached elsewhere, the sign-in moves there first."""
        home = self._runtime.in_force.now.home
        if (exchange.header(b"host") or "").lower() in urls.hosts(home):
            return None
        query = exchange.scope["query_string"].decode("latin-1")
        return _location(f"{home}/auth/sso" + (f"?{query}" if query else ""), 302)

    def _login_cookie(self, exchange: Exchange) -> str | None:
        values = exchange.cookies(login_name(self._runtime.config))
        if len(values) > 1:
            raise LoginStateMismatch
        return values[0] if values else None

    def _required_cookie(self, exchange: Exchange) -> str:
        cookie = self._login_cookie(exchange)
        if not cookie:
            raise LoginStateMismatch
        return cookie

    def _bind(self, cookie: str, *, max_age: int = flow.FLOW_MINUTES * 60) -> tuple[bytes, bytes]:
        config = self._runtime.config
        return set_cookie(login_name(config), cookie, secure=config.secure_cookies, max_age=max_age)

    def _redirect(self, location: str, cookie: str, *, status: int) -> Answer:
        answer = _location(location, status)
        return Answer(answer.status, answer.body, (*answer.headers, self._bind(cookie)))

    def _signed_in(self, finished: flow.Finished) -> Answer:
        # 303: whatever brought the browser here, it goes on with a GET and takes no credentials along (RFC 9700 4.12).
        answer = _location(finished.location, 303)
        cookies = (set_session(self._runtime.config, finished.session), self._bind("", max_age=0))
        return Answer(answer.status, answer.body, (*answer.headers, *cookies))

    def _refuse(self, exchange: Exchange, error: Exception, *, clear: bool = False) -> Answer:
        problem, answer = refused(exchange, error, again=self._runtime.landing)
        # Only a sign-in of this browser's own that is over takes the cookie along: whoever sends a browser here with
        # a state of another one, or with none, must not undo the sign-in that is under way in another tab.
        done = clear and "restart" in problem.extra and not isinstance(problem, LoginStateMismatch)
        return Answer(answer.status, answer.body, (*answer.headers, self._bind("", max_age=0))) if done else answer


async def _form(exchange: Exchange) -> dict[str, str]:
    if exchange.media_type != FORM:
        raise UnsupportedBody("Send the form as the page has it, urlencoded.")
    return single_fields(await exchange.body(4096))


def _location(url: str, status: int) -> Answer:
    return Answer(status, headers=(NO_STORE, (b"location", url.encode("latin-1"))))


class Discover(BaseModel):
    """Whose sign-in is asked for."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320, examples=["ada@acme.example"])


class Discovered(BaseModel):
    """How people of this e-mail domain sign in; the same shape for domains nobody knows."""

    organization: str | None = Field(examples=["Acme Corp"])
    sso: str = Field(description="`available`, `required` or `none`", examples=["available"])
    start: str | None = Field(examples=["/auth/sso?domain=acme.example"])


def _doors(request: Request) -> SignInDoors:
    doors: SignInDoors = request.app.state.sign_in
    return doors


_SELECTORS = query_parameters(
    organization="Organization id, ours or WorkOS's.",
    connection="Connection id, ours or WorkOS's.",
    domain="Verified e-mail domain.",
    email="E-mail address; its domain chooses the organization and it is passed on as login_hint.",
    return_to="Where to land afterwards: a path, or a URL on an allowed origin.",
    login_hint="Address to prefill at the identity provider.",
)
_RETURNED = query_parameters(
    code="One-time authorization code (RFC 6749 section 4.1.2).",
    state="The one-time state that the sign-in began with.",
    error="Instead of a code: what went wrong, in WorkOS's word.",
    error_description="WorkOS's sentence for it; never shown to people.",
    connection_id="With an error: the connection it happened at.",
    connection="The same, as older callbacks spell it.",
)


@router.get(
    "/auth/sso",
    operation_id="startSignIn",
    summary="Start a sign-in",
    status_code=302,
    responses={302: REDIRECT, **PROBLEMS(400, 403, 404, 503)},
    openapi_extra=_SELECTORS,
    response_class=Response,
)
async def start_sign_in(request: Request) -> Response:
    """Redirect to the identity provider. Exactly one selector; none means the Default Connection."""
    return to_response(await _doors(request).start(exchange_of(request)))


@router.get(
    "/auth/callback/workos",
    operation_id="finishSignIn",
    summary="Finish a sign-in",
    status_code=303,
    responses={303: REDIRECT, **PROBLEMS(400, 403, 404, 422, 429, 502, 503)},
    response_class=Response,
    openapi_extra=_RETURNED,
)
async def finish_sign_in(request: Request) -> Response:
    """WorkOS returns here. Success sets the session cookie and redirects to where the sign-in was to end."""
    return to_response(await _doors(request).callback(exchange_of(request)))


@router.post(
    "/auth/sso/continue",
    operation_id="continueSignIn",
    summary="Confirm a sign-in that the identity provider began",
    status_code=303,
    responses={303: REDIRECT, **PROBLEMS(400, 403, 413, 415, 422)},
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "content": {
                FORM: {
                    "schema": {"type": "object", "required": ["ticket"], "properties": {"ticket": {"type": "string"}}}
                }
            }
        }
    },
)
async def continue_sign_in(request: Request) -> Response:
    """Sent by the interstitial page, from the browser that got it."""
    return to_response(await _doors(request).proceed(exchange_of(request)))


@router.post(
    "/auth/discover",
    operation_id="discoverSignIn",
    summary="How does this person sign in?",
    response_model=Discovered,
    responses=PROBLEMS(400, 413, 422),
)
async def discover(request: Request, body: Discover) -> Response:
    """Answer by the e-mail's domain only, so that nobody learns who works where (threats.md A24)."""
    runtime: Runtime = request.app.state.runtime
    return to_response(json_answer(await discovery.discover(runtime, body.email)))


@router.get("/auth/signed-in", include_in_schema=False)
async def signed_in(_request: Request) -> Response:
    """Where people land when no front end is configured."""
    return to_response(pages.signed_in())


@router.get("/auth/page.css", include_in_schema=False)
async def stylesheet(_request: Request) -> Response:
    """The look of the gateway's own pages; inline styles are refused by our Content-Security-Policy."""
    return to_response(pages.stylesheet())


@router.get("/auth/icon.svg", include_in_schema=False)
async def icon(_request: Request) -> Response:
    """The icon of the gateway's own pages."""
    return to_response(pages.icon())


@router.get("/auth/page.js", include_in_schema=False)
async def script(_request: Request) -> Response:
    """The script of the landing page."""
    return to_response(pages.script())
