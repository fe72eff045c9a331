"""Noticed: what WorkOS's answers tell of whether it is there and takes our credentials, without asking it anew."""

from typing import Final, Protocol

from app.problems import Problem
from app.workos.asking import says
from app.workos.errors import UpstreamInvalidResponse, UpstreamRefused, UpstreamUnavailable

API: Final = "workos.api"
"""WorkOS answered, be it with a refusal."""
API_KEY: Final = "workos.api_key"
CLIENT: Final = "workos.client"
SIGN_INS: Final = "workos.sign_in"
"""WorkOS answered when the code of a sign-in was redeemed: it may fail at that alone."""
SIGNED: Final = "webhook.signature"
"""A delivery's signature fits a secret."""
SIGNED_LATELY: Final = "webhook.timestamp"
"""A delivery was signed within the tolerance."""
DELIVERED: Final = "webhook.delivery"
"""A delivery is kept."""
RETURNED: Final = "sign_in.return"
"""A sign-in that began here came back."""
_UNAUTHORIZED: Final = 401
_TOKEN: Final = ("sso", "token")
_SILENT: Final = frozenset({"timeout", "connection", "status"})
"""Causes that are WorkOS's; the others are our own pauses, which tell nothing new."""


class Notices(Protocol):
    """Where it is written down (`app/kit/sightings.py`)."""

    def well(self, name: str) -> None:
        """Note that it went well just now."""
        ...

    def badly(self, name: str, why: str, *, times: int = 1) -> None:
        """Note that it went badly just now, and why."""
        ...


def notice(notices: Notices, path: tuple[str, ...], problem: Problem | None) -> None:
    """Write down what an answer (or its absence, as the problem tells it) says; `path` is what was asked for."""
    if isinstance(problem, UpstreamUnavailable):
        if problem.cause in _SILENT:
            for what in (API, SIGN_INS) if path == _TOKEN else (API,):
                notices.badly(what, problem.detail or problem.title)
        return
    if isinstance(problem, UpstreamInvalidResponse):
        return  # one odd object, or a stranger who answers in WorkOS's place: it tells neither
    notices.well(API)
    if path == _TOKEN:
        notices.well(SIGN_INS)
    credential = CLIENT if path == _TOKEN else API_KEY
    if problem is None:
        notices.well(credential)
    elif isinstance(problem, UpstreamRefused) and _of_credentials(problem):
        notices.badly(credential, problem.detail or problem.title)


def _of_credentials(refused: UpstreamRefused) -> bool:
    """Return whether it is our credentials that WorkOS refuses. Not by 403: that is a feature that is not ours."""
    return (
        refused.extra.get("upstream_status") == _UNAUTHORIZED
        or says(refused, "invalid_client")
        or says(refused, "unauthorized_client")
    )
