"""Webhooks without a socket: who gets them, how they are signed, and what can be ordered to go wrong."""

import json
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from sandbox.refusals import Refusal
from sandbox.server import Sandbox
from tests.sandbox.conftest import Bench

SECRET = "whsec_made_up"
URL = "https://gateway.test/webhooks/workos"
Verify = Callable[[bytes, str], None]


@pytest.fixture
def twin() -> Sandbox:
    return a_twin()


def a_twin() -> Sandbox:
    return Sandbox.from_seed(webhook_url=URL, webhook_secret=SECRET)


@pytest.fixture
def verify(bench: Bench) -> Verify:
    """The SDK's own check."""

    def check(body: bytes, signature: str) -> None:
        bench.workos.webhooks.verify_header(event_body=body, event_signature=signature, secret=SECRET)

    return check


def hire(twin: Sandbox, count: int) -> list[str]:
    """Hire people without groups; return the ids of their events."""
    for number in range(count):
        twin.add_person("acme", directory="Acme Okta Directory", email=f"p{number}@acme.example")
    return [each.id for each in twin.events("dsync.user.created")]


def taken(twin: Sandbox) -> list[str]:
    return [delivery.event.id for delivery in twin.take_deliveries()]


def test_deliveries_come_signed_and_once(twin: Sandbox, verify: Verify) -> None:
    ids = hire(twin, 3)
    deliveries = twin.take_deliveries()
    assert [json.loads(each.body)["id"] for each in deliveries] == ids
    for each in deliveries:
        assert each.headers["Content-Type"] == "application/json"
        verify(each.body, each.headers["WorkOS-Signature"])
    assert twin.take_deliveries() == []


def test_only_enabled_endpoints_that_asked_get_it(twin: Sandbox) -> None:
    narrow = twin.add_webhook_endpoint(URL + "/2", events=["dsync.user.deleted"])
    off = twin.add_webhook_endpoint(URL + "/3")
    twin.change_webhook_endpoint(off.id, status="disabled")
    hire(twin, 1)
    twin.remove_person("p0@acme.example")
    assert [(each.url, each.event.event) for each in twin.take_deliveries()] == [
        (URL, "dsync.user.created"), (URL, "dsync.user.deleted"), (narrow.endpoint_url, "dsync.user.deleted"),
    ]  # fmt: skip


def test_any_body_can_be_signed(twin: Sandbox, verify: Verify) -> None:
    verify(b'{"a": 1}', twin.sign(b'{"a": 1}'))
    now = twin.world.now()
    verify("ä".encode(), twin.sign("ä", SECRET, now - 170))
    for bad in (twin.sign(b"x", "other"), twin.sign(b"x", ""), twin.sign(b"y"), twin.sign(b"x", at=now - 181)):
        with pytest.raises(ValueError, match=r"match|tolerance"):
            verify(b"x", bad)
    assert twin.sign(b"{}", "k", 1.5).startswith("t=1500, v1=")
    with pytest.raises(Refusal):
        Sandbox.from_seed().sign(b"")


def test_deliveries_can_be_signed_for_another_instant(twin: Sandbox) -> None:
    hire(twin, 1)
    (delivery,) = twin.take_deliveries(at=1_000_000)
    assert delivery.headers["WorkOS-Signature"] == twin.sign(delivery.body, at=1_000_000)


def test_duplicates(twin: Sandbox) -> None:
    twin.set_webhook_faults(duplicate=2)
    (event,) = hire(twin, 1)
    assert taken(twin) == [event] * 3


def test_reordering_is_a_shuffle_within_windows_that_the_seed_decides(twin: Sandbox) -> None:
    twin.set_webhook_faults(reorder=10)
    ids, order = hire(twin, 25), taken(twin)
    assert order != ids
    for start in (0, 10, 20):
        assert sorted(order[start : start + 10]) == sorted(ids[start : start + 10])
    again = a_twin()
    again.set_webhook_faults(reorder=10)
    hire(again, 25)
    assert taken(again) == order


def test_drops_are_the_seeds_choice_and_on_record(twin: Sandbox) -> None:
    twin.set_webhook_faults(drop=0.3)
    hire(twin, 200)
    kept = taken(twin)
    assert 110 < len(kept) < 170
    assert len(twin.deliveries()) == 200 - len(kept)
    assert {attempt.fault for attempt in twin.deliveries()} == {"drop"}
    twin.reset()
    assert twin.webhook_faults.drop == 0
    twin.set_webhook_faults(drop=0.3)
    hire(twin, 200)
    assert taken(twin) == kept


def test_the_next_are_dropped(twin: Sandbox) -> None:
    twin.set_webhook_faults(drop_next=2)
    ids = hire(twin, 4)
    assert taken(twin) == ids[2:]
    assert twin.webhook_faults.drop_next == 0


def test_the_next_are_signed_with_another_secret(twin: Sandbox, verify: Verify) -> None:
    twin.set_webhook_faults(missign=1)
    hire(twin, 2)
    first, second = twin.take_deliveries()
    with pytest.raises(ValueError, match="does not match"):
        verify(first.body, first.headers["WorkOS-Signature"])
    verify(second.body, second.headers["WorkOS-Signature"])


@pytest.mark.parametrize("seconds", [181, -185])
def test_stale_ones_are_signed_well(twin: Sandbox, verify: Verify, seconds: float) -> None:
    twin.set_webhook_faults(stale=seconds)
    hire(twin, 1)
    (delivery,) = twin.take_deliveries()
    with pytest.raises(ValueError, match="tolerance"):
        verify(delivery.body, delivery.headers["WorkOS-Signature"])
    stamp = int(delivery.headers["WorkOS-Signature"].partition(",")[0][2:])
    assert delivery.headers["WorkOS-Signature"] == twin.sign(delivery.body, at=stamp / 1000)


def test_held_ones_wait_for_their_release(twin: Sandbox) -> None:
    twin.set_webhook_faults(hold=True)
    ids = hire(twin, 3)
    assert taken(twin) == []
    assert twin.release_deliveries() == 3
    assert taken(twin) == ids
    later = hire(twin, 4)[3:]
    assert taken(twin) == []
    twin.clear_webhook_faults()
    assert taken(twin) == later


def test_mistaken_orders_are_refused(twin: Sandbox) -> None:
    for orders in ({"drop": 2}, {"missing": 1}, {"duplicate": -1}):
        with pytest.raises(ValidationError):
            twin.set_webhook_faults(**orders)


def test_made_up_events_and_resending(twin: Sandbox) -> None:
    made = twin.record_event("dsync.user.promoted", {"id": "x"}, organization_id="org_x")
    assert taken(twin) == []  # nobody asked for that name
    twin.add_webhook_endpoint(URL + "/2", events=["dsync.user.promoted"])
    twin.resend_event(made.id)
    assert taken(twin) == [made.id]
    with pytest.raises(Refusal):
        twin.resend_event("event_x")


def test_the_given_endpoint_outlives_a_reset(twin: Sandbox) -> None:
    twin.add_webhook_endpoint(URL + "/2")
    (before, _) = twin.world.endpoints.values()
    hire(twin, 1)
    twin.reset()
    assert list(twin.world.endpoints.values()) == [before]
    assert taken(twin) == []
    hire(twin, 1)
    assert len(taken(twin)) == 1


def test_same_seed_and_calls_give_the_same_bytes() -> None:
    def told(twin: Sandbox) -> list[object]:
        twin.set_webhook_faults(reorder=7, drop=0.2, duplicate=1)
        hire(twin, 20)
        endpoint = twin.add_webhook_endpoint(URL + "/2")
        return [endpoint.id, endpoint.secret, *((each.event.id, each.attempt) for each in twin.take_deliveries())]

    assert told(a_twin()) == told(a_twin())
    assert told(a_twin()) != told(Sandbox.from_seed(random_seed=2, webhook_url=URL, webhook_secret=SECRET))
