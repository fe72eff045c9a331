"""The pages of the Admin Portal: what can be set up, and the last step before it is."""

from collections.abc import Sequence
from html import escape

from sandbox import pages
from sandbox.portal_work import CONNECTIONS, DIRECTORIES
from sandbox.records import VERIFIED, Domain, Organization, PortalLink

TITLES = {
    "sso": "Single sign-on",
    "dsync": "Directory sync",
    "audit_logs": "Audit logs",
    "log_streams": "Log streams",
    "domain_verification": "Domain verification",
    "certificate_renewal": "Certificate renewal",
    "bring_your_own_key": "Bring your own key",
}
PROVIDERS = {"dsync": DIRECTORIES, "sso": CONNECTIONS}


def menu(owner: Organization, link: PortalLink, intent: str, domains: Sequence[Domain] = ()) -> str:
    """Return the providers of an intent; without one the two intents that can be set up; for others the way out.

    `domains`: the organization's, for the page that verifies them.
    """
    if not intent:
        rows = "".join(_choice("intent", name, TITLES[name]) for name in PROVIDERS)
        return pages.page(f"Admin Portal of {owner.name}", f"<form><ul>{rows}</ul></form>{_way_back(link)}")
    title = f"{TITLES.get(intent, intent)} of {owner.name}"
    if intent == "domain_verification":
        return pages.page(title, _domains(link, domains) + _way_back(link))
    if intent not in PROVIDERS:
        body = "<p class=quiet>The sandbox has nothing to set up here.</p>" + _act(link, "done", "", "Done")
        return pages.page(title, body + _way_back(link))
    rows = "".join(_choice("provider", name, label) for name, (label, _) in PROVIDERS[intent].items())
    hidden = f"<input type=hidden name=intent value='{escape(intent)}'>"
    return pages.page(
        title, f"<p class=quiet>Select your provider.</p><form>{hidden}<ul>{rows}</ul></form>{_way_back(link)}"
    )


def directory(owner: Organization, link: PortalLink, provider: str, scim_url: str, token: str) -> str:
    """Return the step in which the provider is told the SCIM address and token (made up: nobody provisions here)."""
    name, kind = DIRECTORIES[provider]
    told = (
        f"<p>SCIM endpoint<br><code>{escape(scim_url)}</code></p><p>Bearer token<br><code>{escape(token)}</code></p>"
        if "scim" in kind
        else "<p>An administrator of the provider agrees that people and groups are read.</p>"
    )
    return pages.page(f"{name} for {owner.name}", told + _act(link, "dsync", provider, "Connect") + _way_back(link))


def connection(owner: Organization, link: PortalLink, provider: str) -> str:
    """Return the step in which the identity provider's side is set up."""
    told = "<p class=quiet>The identity provider is taken to be set up.</p>"
    return pages.page(
        f"{CONNECTIONS[provider][0]} for {owner.name}", told + _act(link, "sso", provider, "Connect") + _way_back(link)
    )


def _domains(link: PortalLink, domains: Sequence[Domain]) -> str:
    """Return the field for another domain, then each with the DNS record that it waits for (the button is believed)."""
    adding = (
        f"<form class=search method=post action='/portal/{link.visit}/add_domain'>"
        "<input name=provider placeholder='company.example' aria-label='Domain'><button>Add domain</button></form>"
    )
    return adding + "".join(_domain(link, each) for each in domains) + _act(link, "done", "", "Done")


def _domain(link: PortalLink, domain: Domain) -> str:
    named = f"<p><b>{escape(domain.domain)}</b> ({escape(domain.state)})"
    if domain.state in VERIFIED:
        return f"{named}</p>"
    record = f"<br>TXT record<br><code>workos-verification={escape(domain.verification_token)}</code></p>"
    return named + record + _act(link, "domain_verification", domain.id, "The record is there")


def _choice(name: str, value: str, label: str) -> str:
    return f"<li><button name={name} value='{escape(value)}'><b>{escape(label)}</b></button></li>"


def _act(link: PortalLink, what: str, provider: str, label: str) -> str:
    field = f"<input type=hidden name=provider value='{escape(provider)}'>" if provider else ""
    return f"<form class=fail method=post action='/portal/{link.visit}/{what}'>{field}<button>{label}</button></form>"


def _way_back(link: PortalLink) -> str:
    return f"<p class=quiet><a href='{escape(link.return_url)}'>Back</a></p>" if link.return_url else ""
