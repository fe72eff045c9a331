"""The Admin Portal: `POST /portal/generate_link`, `/portal/revoke_link`, and the pages behind a link.

https://workos.com/docs/reference/admin-portal. A link opens once, within five minutes; its visit lasts an hour.
"""

import re
from collections.abc import Collection
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from sandbox import pages, portal_pages, portal_work
from sandbox.access import TheWorld, require_api_key
from sandbox.records import PortalLink
from sandbox.refusals import invalid, not_found
from sandbox.state import World

router = APIRouter(prefix="/portal")
VISIT_SECONDS = 3600
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
Intent = Literal[
    "sso",
    "dsync",
    "audit_logs",
    "log_streams",
    "domain_verification",
    "certificate_renewal",
    "bring_your_own_key",
]


Work = Literal["dsync", "sso", "domain_verification", "done"]


class LinkBody(BaseModel):
    """The body of `generate_link`; unknown fields are ignored, as WorkOS does. Without an intent all are offered."""

    organization: str
    intent: Intent | None = None
    return_url: str | None = None
    success_url: str | None = None
    external_user_id: str | None = None
    it_contact_emails: list[str] = Field(default_factory=list, max_length=20)


class RevokeBody(BaseModel):
    """The body of `revoke_link`."""

    organization: str
    external_user_id: str


@router.post("/generate_link", status_code=201, dependencies=[Depends(require_api_key)])
async def generate_link(request: Request, world: TheWorld, body: LinkBody) -> dict[str, str]:
    """Return a link of an organization; 404 for an unknown one, 422 for an intent or address that is none."""
    _require_organization(world, body.organization)
    for name in ("return_url", "success_url"):
        _require_address(name, getattr(body, name))
    token = world.ids.token("portal_link")
    world.portal_links[token] = PortalLink(
        token=token,
        organization_id=body.organization,
        intent=body.intent,
        return_url=body.return_url,
        success_url=body.success_url,
        external_user_id=body.external_user_id,
        expires_at=world.now() + world.switches.portal_seconds,
    )
    return {"link": f"{str(request.base_url).rstrip('/')}/portal/launch?token={token}"}


@router.post("/revoke_link", dependencies=[Depends(require_api_key)])
async def revoke_link(world: TheWorld, body: RevokeBody) -> Response:
    """Void every link made for a person of an organization, and the visits that they opened."""
    _require_organization(world, body.organization)
    whose = (body.organization, body.external_user_id)
    for token, link in list(world.portal_links.items()):
        if (link.organization_id, link.external_user_id) == whose:
            del world.portal_links[token]
    return Response(status_code=204)


@router.get("/launch", response_class=Response)
async def launch(world: TheWorld, token: str = "") -> Response:
    """Open a link: once, and in time."""
    link = world.portal_links.get(token)
    if link is None or link.visit or link.expires_at <= world.now():
        return HTMLResponse(pages.error("This Admin Portal link has been used or has expired.", "No way in"), 404)
    link.visit, link.expires_at = world.ids.token("portal_visit"), world.now() + VISIT_SECONDS
    return RedirectResponse(f"/portal/{link.visit}", 302)


@router.get("/{visit}", response_class=Response)
async def show(request: Request, world: TheWorld, visit: str, intent: str = "", provider: str = "") -> Response:
    """Show what can be set up: the providers, and what connecting the chosen one takes."""
    link = _visited(world, visit)
    if link is None:
        return _over()
    owner = world.organization(link.organization_id)
    chosen = link.intent or intent
    if chosen == "dsync" and provider in portal_work.DIRECTORIES:
        base = str(request.base_url).rstrip("/")
        key, token = world.ids.derived("scim", visit)[-16:], world.ids.derived("scim_token", visit)[-24:]
        return HTMLResponse(portal_pages.directory(owner, link, provider, f"{base}/scim/v2.0/{key}", token))
    if chosen == "sso" and provider in portal_work.CONNECTIONS:
        return HTMLResponse(portal_pages.connection(owner, link, provider))
    return HTMLResponse(portal_pages.menu(owner, link, chosen, world.domains_of(owner.id)))


@router.post("/{visit}/add_domain", response_class=Response)
async def add_domain(request: Request, world: TheWorld, visit: str) -> Response:
    """Add a domain (form field `provider`) that waits for its DNS record, and show it; 422 for one that is none."""
    link = _visited(world, visit)
    if link is None:
        return _over()
    domain = (await _form_field(request)).strip().lower()
    if link.intent not in (None, "domain_verification") or not DOMAIN.fullmatch(domain):
        raise invalid("The domain is not one.", domain="invalid")
    if any(each.domain == domain for each in world.domains.values()):
        return HTMLResponse(pages.error(f"The domain {domain} is already in use.", "Not added"), 422)
    portal_work.add_domain(world, link.organization_id, domain)
    return RedirectResponse(f"/portal/{visit}?intent=domain_verification", 303)


@router.post("/{visit}/{what}", response_class=Response)
async def connect(request: Request, world: TheWorld, visit: str, what: Work) -> Response:
    """Do it (form field `provider`, or a domain) and lead back: to the success or return URL, else to a page."""
    link = _visited(world, visit)
    if link is None:
        return _over()
    if what not in (link.intent or what, "done"):
        raise invalid(f"This link is for {link.intent}.", intent="invalid")
    provider = await _form_field(request)
    if provider not in _choices(world, link, what):
        raise invalid("The provider is not one of the portal's.", provider="invalid")
    if what == "dsync":
        portal_work.connect_directory(world, link.organization_id, provider)
    elif what == "sso":
        portal_work.connect_sso(world, link.organization_id, provider)
    elif what == "domain_verification":
        portal_work.verify_domain(world, provider)
    back = link.success_url or link.return_url
    if back is None:
        return HTMLResponse(pages.notice("Done", "It is set up; go back to the application."))
    return RedirectResponse(back, 303)


async def _form_field(request: Request) -> str:
    return parse_qs((await request.body()).decode("utf-8", "replace")).get("provider", [""])[0]


def _choices(world: World, link: PortalLink, what: Work) -> Collection[str]:
    """What may be chosen: a provider, one of the organization's own domains, or nothing."""
    own = [each.id for each in world.domains_of(link.organization_id)]
    return {
        "dsync": portal_work.DIRECTORIES,
        "sso": portal_work.CONNECTIONS,
        "domain_verification": own,
        "done": ("",),
    }[what]


def _require_organization(world: World, organization_id: str) -> None:
    """By WorkOS's id only; names are the control API's convenience."""
    if organization_id not in world.organizations:
        raise not_found("Organization", organization_id)


def _require_address(name: str, url: str | None) -> None:
    """WorkOS takes https; plain http is for the machine that one sits at."""
    try:
        parts = urlsplit(url or "https://nowhere.example")
        good = bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
        )
    except ValueError:
        good = False
    if not good:
        raise invalid(f"{name} must be an https URL.", **{name: "invalid"})


def _visited(world: World, visit: str) -> PortalLink | None:
    found = next((link for link in world.portal_links.values() if link.visit and link.visit == visit), None)
    if found is None or found.expires_at <= world.now() or found.organization_id not in world.organizations:
        return None
    return found


def _over() -> Response:
    return HTMLResponse(pages.error("This visit to the Admin Portal has ended.", "No way in"), 404)
