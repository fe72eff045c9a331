"""Cookies of sessions and sign-ins, and who may send them (threats.md C1, C2, C9)."""

from app.access.errors import ForeignOrigin
from app.config import Config
from app.http.answers import Header
from app.http.exchange import Exchange, set_cookie
from app.sessions.errors import SessionTossed

_TOKEN_CHARACTERS = 43


def session_name(config: Config) -> str:
    """Return the session cookie's name: `__Host-` binds it to this host, over https only (RFC 6265bis)."""
    return "__Host-mp_session" if config.secure_cookies else "mp_session"


def login_name(config: Config) -> str:
    """Return the name of the cookie that binds a sign-in to the browser that started it."""
    return "__Host-mp_login" if config.secure_cookies else "mp_login"


def session_token(exchange: Exchange, config: Config) -> str | None:
    """Return the session cookie's value, or None when there is none of the right shape.

    Raises:
        SessionTossed: there are two; one of them is somebody else's.
    """
    values = exchange.cookies(session_name(config))
    if len(values) > 1:
        raise SessionTossed
    return values[0] if values and len(values[0]) == _TOKEN_CHARACTERS else None


def set_session(config: Config, token: str) -> Header:
    """Return the header that sets the session cookie; it ends with the browser or with the session."""
    return set_cookie(session_name(config), token, secure=config.secure_cookies)


def clear_session(config: Config) -> Header:
    """Return the header that removes the session cookie."""
    return set_cookie(session_name(config), "", secure=config.secure_cookies, max_age=0)


def require_own_origin(exchange: Exchange, config: Config) -> None:
    """Refuse a request that another site made with our cookie.

    Browsers send `Origin` with every POST and `Sec-Fetch-Site` with everything; a caller that sends neither is
    no browser and has no business with a cookie. Our own pages' forms arrive with `Origin: null`, because those pages
    send no referrer (Fetch standard, "append a request Origin header"): then `Sec-Fetch-Site` alone decides, which
    says cross-site for the opaque origins of other sites' frames.

    Raises:
        ForeignOrigin: the origin is not ours, or nothing tells it.
    """
    origin = exchange.header(b"origin")
    if origin not in (None, "null"):
        if origin.lower() not in config.origins:
            raise ForeignOrigin
    elif exchange.header(b"sec-fetch-site") != "same-origin":
        raise ForeignOrigin


def require_json_or_nothing(exchange: Exchange) -> None:
    """Refuse a body that a plain HTML form could have sent.

    Raises:
        ForeignOrigin: there is a body and it does not call itself JSON.
    """
    length = exchange.header(b"content-length")
    has_body = exchange.header(b"transfer-encoding") is not None or (length is not None and length != "0")
    kind = exchange.media_type
    if (kind and kind != "application/json") or (has_body and not kind):
        raise ForeignOrigin
