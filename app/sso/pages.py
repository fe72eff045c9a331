"""The gateway's own few pages; scripts and styles come from files of ours (Content-Security-Policy)."""

import html

from app.http.answers import ICON, STYLESHEET, Answer, page

_CACHED = (b"cache-control", b"public, max-age=3600")
_SCRIPT = """const show = (id, text) => { document.getElementById(id).textContent = text; };
fetch("/auth/token", { method: "POST" }).then(async (answer) => {
  const body = await answer.json();
  if (!answer.ok) { show("title", body.title); show("text", body.remedy); return; }
  const { user, organization, roles } = body.session;
  show("title", "You are signed in");
  show("text", `${user.first_name} ${user.last_name} · ${user.email ?? ""}`);
  show("more", `${organization ? organization.name : "MemberPulse"} · ${roles.join(", ")}`);
}).catch(() => { show("text", "The gateway does not answer. Reload this page in a moment."); });
"""


def confirmation(email: str, ticket: str) -> Answer:
    """Return the page that asks before a sign-in counts that the identity provider began (ASVS 7.6.2)."""
    return page(
        "Continue to MemberPulse?",
        f"""<h1>Continue to MemberPulse?</h1><p>Your identity provider sent you here as
<strong>{html.escape(email)}</strong>.</p><form method="post" action="/auth/sso/continue">
<input type="hidden" name="ticket" value="{html.escape(ticket, quote=True)}"><button>Continue</button></form>
<p class="fine">If you did not expect this, close the page: nothing has happened.</p>""",
    )


def signed_in() -> Answer:
    """Return the landing page of a gateway without a front end."""
    return page(
        "Signed in",
        """<h1 id="title">Signing in…</h1><p id="text"></p><p id="more" class="fine"></p>
<p><a href="/console/">Open the console</a></p><script src="/auth/page.js" defer></script>""",
    )


def stylesheet() -> Answer:
    """Return the pages' stylesheet."""
    return Answer(200, STYLESHEET.encode(), ((b"content-type", b"text/css; charset=utf-8"), _CACHED))


def icon() -> Answer:
    """Return the pages' icon."""
    return Answer(200, ICON.encode(), ((b"content-type", b"image/svg+xml"), _CACHED))


def script() -> Answer:
    """Return the landing page's script."""
    return Answer(200, _SCRIPT.encode(), ((b"content-type", b"text/javascript; charset=utf-8"), _CACHED))
