"""Verification: asks WorkOS what it makes of settings, and says in words what it found."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from app.kit import urls
from app.problems import Problem
from app.workos.errors import UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from app.workos.probe import WorkOSProbe
from app.workos.records import WebhookEndpoint

Result = Literal["ok", "failed", "skipped"]
NAMES: Final = ("credentials", "client_id", "redirect_uri", "webhook_endpoint", "default_connection")
WEBHOOKS: Final = "/webhooks/workos"
_PAGES: Final = 10
_AWAY = (UpstreamUnavailable, UpstreamInvalidResponse)
_UNASKED: Final = "Not asked: there is no valid API key."


@dataclass(frozen=True, slots=True)
class Check:
    """What was found out about one setting, and what to do about it. `away`: why WorkOS could not be asked."""

    name: str
    result: Result
    evidence: str
    remedy: str | None = None
    away: Problem | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """Settings as they would count together. `connection`: the default one's WorkOS id, and its organization's."""

    redirect_uri: str
    origins: frozenset[str]
    api_key: str | None = field(default=None, repr=False)
    client_id: str | None = None
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    connection: tuple[str, str | None] | None = None
    broken: frozenset[str] = frozenset()


async def check_all(probe: WorkOSProbe | None, tried: Tried, names: Collection[str] = NAMES) -> list[Check]:
    """Return what WorkOS says to these settings, one check for each of the names, in their order; raises nothing.

    Args:
        probe: asks with the API key and client id of `tried`; None where there is no API key.
        tried: the settings.
        names: of the checks.
    """
    found: list[Check] = []
    for name in [name for name in NAMES if name in names]:
        check = await _settled(name, _CHECKS[name](probe, tried))
        found.append(check)
        if name == "credentials" and check.result == "failed":
            probe = None  # a key that is refused would be refused with everything else, too
    return found


async def _settled(name: str, check: Awaitable[Check]) -> Check:
    try:
        return await check
    except _AWAY as problem:
        why = f"{problem.title} {problem.detail or ''}".strip()
        return Check(name, "failed", why, problem.remedy, problem)


async def _credentials(probe: WorkOSProbe | None, tried: Tried) -> Check:
    if "api_key" in tried.broken:
        remedy = "Set it again, and look up settings.seal.broken in the log."
        return Check("credentials", "failed", "The stored API key cannot be opened with the encryption keys.", remedy)
    if probe is None:
        return Check("credentials", "skipped", "No API key is set.", "Set `api_key`.")
    try:
        await probe.check_api_key()
    except UpstreamRefused as refused:
        remedy = "Copy the API key from the WorkOS Dashboard (API Keys) once more; it may have been revoked."
        return Check("credentials", "failed", f"WorkOS refuses the API key ({_told(refused)}).", remedy)
    return Check("credentials", "ok", "WorkOS takes the API key.")


async def _client(probe: WorkOSProbe | None, tried: Tried) -> Check:
    if tried.client_id is None:
        return Check("client_id", "skipped", "No client id is set.", "Set `client_id` together with `api_key`.")
    if probe is None:
        return Check("client_id", "skipped", _UNASKED)
    try:
        await probe.check_client()
    except UpstreamRefused as refused:
        remedy = "Take client id and API key from the same WorkOS environment."
        return Check(
            "client_id", "failed", f"WorkOS refuses the client id with this API key ({_told(refused)}).", remedy
        )
    return Check("client_id", "ok", "WorkOS takes the client id together with the API key.")


async def _redirect_uri(probe: WorkOSProbe | None, tried: Tried) -> Check:
    if probe is None or tried.client_id is None:
        return Check("redirect_uri", "skipped", f"Not asked, for lack of credentials: {tried.redirect_uri}")
    verdict = await probe.check_redirect_uri(tried.redirect_uri)
    if verdict == "unknown":
        return Check("redirect_uri", "skipped", f"WorkOS does not tell whether it takes {tried.redirect_uri}.")
    if verdict == "refused":
        remedy = "Register exactly this address in the WorkOS Dashboard (Redirects), for this client id."
        return Check("redirect_uri", "failed", f"WorkOS refuses the redirect URI {tried.redirect_uri}.", remedy)
    return Check("redirect_uri", "ok", f"WorkOS sends people back to {tried.redirect_uri}.")


async def _webhook_endpoint(probe: WorkOSProbe | None, tried: Tried) -> Check:
    name = "webhook_endpoint"
    if not tried.webhook_secrets:
        return Check(name, "failed", "No webhook secret is set: deliveries are refused.", "Set `webhook_secrets`.")
    if probe is None:
        return Check(name, "skipped", _UNASKED)
    found = await endpoints(probe, tried.origins)
    if found is None:
        return Check(name, "skipped", "WorkOS does not tell this API key about webhook endpoints.")
    return _judged(found, tried)


def _judged(found: Sequence[WebhookEndpoint], tried: Tried) -> Check:
    name, where = "webhook_endpoint", " or ".join(sorted(f"{origin}{WEBHOOKS}" for origin in tried.origins))
    on = [one for one in found if one.enabled]
    if not on:
        state = (
            "Every webhook endpoint with our address is disabled." if found else "No webhook endpoint has our address."
        )
        return Check(name, "failed", state, f"Create or enable an endpoint for {where} in the WorkOS Dashboard.")
    if unknown := [one.id for one in on if one.secret is not None and one.secret not in tried.webhook_secrets]:
        evidence = f"WorkOS signs for {', '.join(unknown)} with a secret that is not set here."
        return Check(name, "failed", evidence, "Set that endpoint's secret, or delete the endpoint at WorkOS.")
    return Check(name, "ok", f"WorkOS sends events to {', '.join(one.url for one in on)} ({len(on)} enabled).")


async def endpoints(probe: WorkOSProbe, origins: frozenset[str]) -> list[WebhookEndpoint] | None:
    """Return the webhook endpoints that lead here, on whichever of our origins; None where WorkOS tells none.

    A query is no difference: WorkOS takes each address once, so a second endpoint has one (docs/rotate.md).
    """
    found: list[WebhookEndpoint] = []
    after: str | None = None
    try:
        for _ in range(_PAGES):
            page = await probe.list_webhook_endpoints(after=after)
            found += [one for one in page.items if _leads_here(one.url, origins)]
            if (after := page.after) is None:
                break
    except (UpstreamRefused, UpstreamNotFound):
        return None
    return found


def _leads_here(url: str, origins: frozenset[str]) -> bool:
    try:
        return urlsplit(url).path.rstrip("/") == WEBHOOKS and urls.origin(url) in origins
    except ValueError:
        return False


async def _default_connection(probe: WorkOSProbe | None, tried: Tried) -> Check:
    name = "default_connection"
    if tried.connection is None:
        return Check(name, "skipped", "No default connection is set: a sign-in must say where.")
    if probe is None:
        return Check(name, "skipped", _UNASKED)
    connection, organization = tried.connection
    remedy = "Name another connection, or activate this one in the WorkOS Dashboard."
    try:
        found = await probe.get_connection(connection)
    except UpstreamNotFound:
        return Check(name, "failed", f"WorkOS does not know {connection}.", remedy)
    except UpstreamRefused as refused:
        return Check(name, "failed", f"WorkOS does not tell about {connection} ({_told(refused)}).", remedy)
    if found.organization_id != organization:
        return Check(name, "failed", f"At WorkOS {connection} belongs to another organization than here.", remedy)
    usable = found.state in {"active", "validating"}
    return Check(
        name, "ok" if usable else "failed", f"At WorkOS {connection} is {found.state}.", None if usable else remedy
    )


def _told(refused: UpstreamRefused) -> str:
    words = cast("tuple[str, ...]", refused.extra.get("upstream_errors", ()))
    return ", ".join([str(refused.extra.get("upstream_status")), *words])


_CHECKS: Final[dict[str, Callable[[WorkOSProbe | None, Tried], Awaitable[Check]]]] = {
    "credentials": _credentials,
    "client_id": _client,
    "redirect_uri": _redirect_uri,
    "webhook_endpoint": _webhook_endpoint,
    "default_connection": _default_connection,
}
