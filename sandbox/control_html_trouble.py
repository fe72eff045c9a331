"""The top of the control page: what breaks at the press of a button, and what an identity provider would show."""

from html import escape
from typing import get_args
from urllib.parse import urlsplit

from sandbox.control_html_parts import form, select
from sandbox.controls import Controls
from sandbox.faults import Kind
from sandbox.trouble import NOT_READ, SWITCHED_OFF, TROUBLES, Trouble


def trouble(controls: Controls) -> str:
    """Return what is broken, what undoes it, and the buttons that break something."""
    buttons = "".join(_button(name, each) for name, each in TROUBLES.items())
    return f"{_broken(controls)}<ul class=buttons>{buttons}<li>{_break_one(controls)}</li></ul>{_any_route()}"


def papers(controls: Controls) -> str:
    """Return what whoever configures single sign-on by hand would copy at their identity provider."""
    base = f"{controls.public_url.replace('127.0.0.1', 'localhost')}/idp/papers"
    rows = (
        ("OpenID Connect: discovery URL", f"{base}/.well-known/openid-configuration"),
        ("OpenID Connect: client ID", "memberpulse"),
        ("OpenID Connect: client secret", "any-secret-will-do"),
        ("SAML 2.0: metadata URL", f"{base}/metadata.xml"),
    )
    cells = "".join(f"<tr><th>{escape(name)}<td><code>{escape(value)}</code></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _button(name: str, trouble: Trouble) -> str:
    pressed = form(f"trouble/{name}", f"<button>{escape(trouble.label)}</button>")
    return f"<li>{pressed}<small>{escape(trouble.seen)}</small></li>"


def _broken(controls: Controls) -> str:
    if not (controls.broken or controls.faults):
        return "<p>Nothing is broken.</p>"
    listed = "".join(f"<li><b>{escape(label)}</b></li>" for label, _ in controls.broken.values())
    return (
        f"<div class=broken><p>Broken now{_seen_at(controls)}:</p><ul>{listed}{_faults(controls)}</ul>"
        f"{form('undo', '<button>Undo all</button>')}</div>"
    )


def _seen_at(controls: Controls) -> str:
    """Lead to the page that turns red, where it is known who is told by webhook."""
    told = next(iter(controls.world.endpoints.values()), None)
    if told is None:
        return ""
    parts = urlsplit(told.endpoint_url)
    url = f"{parts.scheme}://{parts.netloc}/console/health"
    return f" (within a minute or two <a href='{escape(url)}'>Health</a> says so)"


def _break_one(controls: Controls) -> str:
    whole = [each for each in controls.world.directories.values() if each.state == "linked"]
    active = [each for each in controls.world.connections.values() if each.state == "active"]
    options = "".join(
        f"<option value='{escape(record.id)}'>{escape(record.name)}: {what}</option>"
        for records, what in ((whole, NOT_READ), (active, SWITCHED_OFF))
        for record in records
    )
    return form(
        "break", f"<select name=id aria-label='Directory or connection'>{options}</select><button>Break</button>"
    )


def _faults(controls: Controls) -> str:
    return "".join(
        f"<li><code>{escape(each.route)}</code> {each.kind} {_times(each.times)}</li>" for each in controls.faults
    )


def _any_route() -> str:
    adding = (
        "<input name=route value='POST /sso/token' aria-label='Route'>"
        f"{select('kind', get_args(Kind), 'status')} times "
        "<input name=times size=3 placeholder='ever' aria-label='Times'><button>Add fault</button>"
    )
    told = "A method and a path, <code>*</code> for any of them: <code>GET /directory_users*</code>, <code>* *</code>."
    return (
        f"<details><summary>Let one route go wrong</summary><p>{told}</p>"
        f"{form('fault', adding)}{form('clear-faults', '<button>Clear faults</button>')}</details>"
    )


def _times(times: int | None) -> str:
    return "until removed" if times is None else f"{times} more times"
