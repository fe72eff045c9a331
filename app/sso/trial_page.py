"""The end of a connection test, in the browser that brought it: a page, or JSON."""

import html
from collections.abc import Mapping
from typing import Any, Final

from app.access.roles import TITLES
from app.http.answers import Answer, json_answer, page
from app.http.dependencies import anonymous
from app.http.exchange import Exchange
from app.runtime import Runtime
from app.sessions.cookies import session_token
from app.sso import trial
from app.sso.trace import Step
from app.sso.trial_steps import shape

_MARKS = {"ok": "\u2713", "warning": "!", "failed": "\u2717"}
STEP_TITLES: Final[dict[Step, str]] = {
    "redirect": "Sent to WorkOS",
    "callback": "Came back",
    "code": "The code was redeemed",
    "profile": "The right provider answered",
    "attributes": "What is needed came along",
    "access": "May come in",
    "roles": "Role",
    "session": "Session",
}
"""What the steps are called, in the console's words."""


async def answer(runtime: Runtime, exchange: Exchange, query: Mapping[str, str]) -> Answer:
    """Finish the test whose callback this is; raises as `trial.finish`."""
    ended = await trial.finish(
        runtime, query, session=session_token(exchange, runtime.config), actor=anonymous(exchange)
    )
    test = shape(ended.test, runtime.clock.now())
    return _page(test, ended.return_to) if exchange.wants_html else json_answer(test)


def _page(test: Mapping[str, Any], return_to: str) -> Answer:
    passed = test["status"] == "passed"
    title = "The test has passed" if passed else "The test has failed"
    problem = "" if passed else _problem(test["problem"])
    steps = "".join(_line(step) for step in test["steps"] if step["result"] != "skipped")
    return page(
        title,
        f"""<h1>{title}</h1>{problem}<ul>{steps}</ul>
<p><a class="button" href="{html.escape(return_to, quote=True)}">Return to MemberPulse</a></p>
<p class="fine">Test {test["id"]}. Nobody was signed in by it and nothing was changed.</p>""",
    )


def _problem(problem: Mapping[str, str]) -> str:
    return f'<p>{html.escape(problem["detail"])}</p><p class="remedy">{html.escape(problem["remedy"])}</p>'


def _line(step: Mapping[str, Any]) -> str:
    mark, said = _MARKS.get(step["result"], ""), step["evidence"]
    for role, title in TITLES.items():
        said = said.replace(role, title)
    return f"<li>{mark} {STEP_TITLES[step['name']]}: {html.escape(said)}</li>"
