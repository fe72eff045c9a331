"""The page behind an admin link."""

import html

from app.http.answers import Answer, page


def break_glass(token: str) -> Answer:
    """Return the page behind an admin link: one click turns the token into a session."""
    return page(
        "Emergency access",
        f"""<h1>Emergency access</h1><p>This opens a platform-administrator session. It works once and is recorded.</p>
<form method="post" action="/auth/break-glass"><input type="hidden" name="token"
value="{html.escape(token, quote=True)}"><button>Open the session</button></form>""",
    )
