"""Where the Admin Portal may lead back to, pure (threats.md F9: no open redirector by way of WorkOS)."""

import re
from collections.abc import Collection

from app.kit import urls
from app.portal.errors import PortalReturnNotAllowed

# What RFC 3986 allows in a URL with a host, and nothing that browsers repair: no user, backslash, space or control.
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?", re.IGNORECASE)


def require_ours(field: str, url: str | None, origins: Collection[str]) -> None:
    """Refuse an address that is on none of these origins, or that others could read on its way.

    Args:
        field: what the caller named it, for the problem.
        url: the address; none is fine.
        origins: as browsers write them.

    Raises:
        PortalReturnNotAllowed: it is another's, plain http to another machine, or no such URL.
    """
    if url is None:
        return
    ours = _URL.fullmatch(url) is not None and urls.origin(url) in origins
    if not ours or not (url.lower().startswith("https://") or urls.is_local_http(url)):
        message = "must be a URL on APP_URL, PUBLIC_URL or APP_ORIGINS"
        raise PortalReturnNotAllowed(f"{field}: {message}", errors=[{"field": field, "message": message}])
