"""D5: no signature header, however odd, is worse than refused; both separators that WorkOS's texts show are read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workos.signatures import signed_at
from tests.deliveries import Inbox, an_event, signature
from tests.gateway import WEBHOOK_SECRET

DIGEST = "0" * 64


@pytest.mark.parametrize(
    "header",
    [
        f"t={'9' * 400}, v1={DIGEST}",
        f"t={'9' * 5000}, v1={DIGEST}",
        f"t=1, v1={DIGEST[:-1]}é".encode(),
        f"t=1, v1={'é' * 64}".encode("latin-1"),
        f"t=, v1={DIGEST}",
        f"v1={DIGEST}",
        "t=1",
        "t=1, v1=",
        f"t=1, t=2, v1={DIGEST}",
        f"t=-1, v1={DIGEST}",
        f"t=1.5, v1={DIGEST}",
        f"t=\u0661, v1={DIGEST}".encode(),  # a digit, but not one of ASCII's
        "x" * 10_000,
        ",,,===,",
        "",
        f"t=1; v1={DIGEST}",
    ],
)
async def test_d5_odd_headers_are_refused(inbox: Inbox, header: str | bytes) -> None:
    answer = await inbox.send(b"{}", header)
    assert answer.status_code in {400, 401}


async def test_d5_a_header_that_comes_twice_is_refused(inbox: Inbox) -> None:
    body = json.dumps(an_event()).encode()
    signed = signature(body, inbox.stage.clock.now())
    twice = [("workos-signature", signed), ("workos-signature", signed)]
    answer = await inbox.stage.browser().http.post("/webhooks/workos", content=body, headers=twice)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "form", ["t={t},v1={v}", "v1={v}, t={t}", f"t={{t}}, v1={DIGEST}, v1={{v}}", "t={t}, v0=x, v1={v}"]
)
async def test_d5_what_is_right_in_another_form_is_right(inbox: Inbox, form: str) -> None:
    event = an_event()
    body = json.dumps(event).encode()
    stamp, _, digest = signature(body, inbox.stage.clock.now()).partition(", ")
    assert (await inbox.send(body, form.format(t=stamp[2:], v=digest[3:]))).status_code == 200
    assert await inbox.count(event["id"]) == 1


@given(st.text(max_size=300))
def test_d5_any_text_is_refused_in_peace(header: str) -> None:
    assert signed_at(header, b"{}", [WEBHOOK_SECRET]) is None
