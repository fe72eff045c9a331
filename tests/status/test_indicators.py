"""The indicators, judged on facts made up: each state, its evidence in words with numbers, since when, the remedy."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.kit.sightings import Sighting
from app.status import inbox, objects, remedies, upstream
from app.status.facts import (
    ENDPOINT,
    REDIRECT_URI,
    Configured,
    ConnectionFacts,
    DirectoryFacts,
    Events,
    Facts,
    Poll,
)
from app.status.indicators import INDICATORS, readings
from app.status.reading import Reading, counted, span, worst
from app.workos.noticed import API, API_KEY, CLIENT, DELIVERED, RETURNED, SIGNED, SIGNED_LATELY

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ACME = UUID(int=7)
URI = "https://auth.example/auth/callback/workos"
HOOK = "https://auth.example/webhooks/workos"


def ago(**delta: float) -> datetime:
    return NOON - timedelta(**delta)


def good(name: str, at: datetime = NOON, since: datetime | None = None) -> Sighting:
    return Sighting(name, good_at=at, good_since=since or at)


def bad(name: str, since: datetime, times: int = 1, good_at: datetime | None = None) -> Sighting:
    return Sighting(name, good_at=good_at, bad_since=since, bad_at=NOON, times=times, why="It says no.")


def facts(*seen: Sighting, organization: UUID | None = None, **parts: Any) -> Facts:  # noqa: ANN401 -- any part
    configured = Configured(redirect_uri=URI, webhook_url=HOOK, webhook_secrets=1)
    values: dict[str, Any] = {"at": NOON, "organization": organization, "configured": configured, **parts}
    return Facts(sightings={one.name: one for one in seen}, **values)


def connection(**changes: Any) -> ConnectionFacts:  # noqa: ANN401 -- any column
    values: dict[str, Any] = {
        "id": UUID(int=1), "workos_id": "conn_1", "organization_id": ACME, "name": "Okta", "state": "active",
        "certificate_expires_at": None, "last_login_at": ago(hours=3), "last_failure_at": None,
        "last_failure_code": None, "created_at": ago(days=90), "updated_at": ago(days=2), "default_connection_id": None,
    }  # fmt: skip
    return ConnectionFacts(**{**values, **changes})


def directory(**changes: Any) -> DirectoryFacts:  # noqa: ANN401 -- any column
    values: dict[str, Any] = {
        "id": UUID(int=1), "workos_id": "directory_1", "organization_id": ACME, "name": "Okta", "state": "linked",
        "last_synced_at": ago(hours=2), "created_at": ago(days=90), "updated_at": ago(days=2),
        "run_status": "completed", "run_error": None, "run_ended_at": ago(hours=2), "failing_since": None,
    }  # fmt: skip
    return DirectoryFacts(**{**values, **changes})


def said(reading: Reading) -> tuple[str, str | None, datetime | None]:
    return reading.status, reading.remedy, reading.since


def test_credentials_that_are_not_set_fail_and_are_named() -> None:
    configured = Configured(missing=("WORKOS_API_KEY", "WORKOS_CLIENT_ID"))
    found = upstream.credentials(facts(good(API_KEY), configured=configured))
    assert said(found) == ("failing", remedies.CREDENTIALS_MISSING, None)
    assert found.evidence == "Missing: WORKOS_API_KEY, WORKOS_CLIENT_ID."


def test_credentials_that_workos_refuses_fail_since_it_first_did() -> None:
    found = upstream.credentials(facts(bad(API_KEY, ago(hours=2), times=4), good(CLIENT)))
    assert said(found) == ("failing", remedies.CREDENTIALS_REFUSED, ago(hours=2))
    assert found.evidence == "WorkOS refuses the API key: It says no. (4 times, last 0 seconds ago)."
    found = upstream.credentials(facts(good(API_KEY), bad(CLIENT, ago(minutes=3))))
    assert said(found) == ("failing", remedies.CREDENTIALS_REFUSED, ago(minutes=3))


def test_credentials_that_work_say_since_when() -> None:
    found = upstream.credentials(facts(good(API_KEY, ago(seconds=20), ago(days=3)), good(CLIENT, ago(minutes=3))))
    assert said(found) == ("ok", None, ago(minutes=3))
    assert found.evidence == "WorkOS took the API key 20 seconds ago and the client id 3 minutes ago."


def test_what_was_not_asked_lately_is_not_known() -> None:
    for judge, name in ((upstream.credentials, API_KEY), (upstream.api_reachable, API)):
        assert said(judge(facts())) == ("unknown", remedies.NOT_ASKED, None)
        found = judge(facts(good(name, ago(minutes=9))))
        assert said(found) == ("unknown", remedies.NOT_ASKED, ago(minutes=4))
        assert "9 minutes ago" in found.evidence


@pytest.mark.parametrize(
    ("since", "times", "status"),
    [
        (ago(seconds=5), 1, "warning"),
        (ago(seconds=59), 2, "warning"),
        (ago(seconds=5), 3, "failing"),
        (ago(seconds=60), 1, "failing"),
    ],
)
def test_one_silence_is_a_warning_and_several_are_an_outage(since: datetime, times: int, status: str) -> None:
    found = upstream.api_reachable(facts(bad(API, since, times, good_at=ago(minutes=2))))
    assert said(found) == (status, remedies.UNREACHABLE, since)
    assert counted(times, "time") in found.evidence
    assert "It last answered 2 minutes ago." in found.evidence


def test_a_redirect_uri_that_workos_does_not_know_fails_whoever_came_back_before() -> None:
    found = upstream.redirect_uri(facts(bad(REDIRECT_URI, ago(hours=1)), good(RETURNED, ago(hours=2))))
    assert said(found) == ("failing", remedies.REDIRECT_URI.format(URI), ago(hours=1))
    assert URI in found.evidence


def test_a_redirect_uri_is_known_by_workos_or_by_who_came_back() -> None:
    assert said(upstream.redirect_uri(facts(good(REDIRECT_URI, since=ago(days=1))))) == ("ok", None, ago(days=1))
    found = upstream.redirect_uri(facts(good(RETURNED, ago(minutes=4), ago(days=1))))
    assert said(found) == ("ok", None, ago(days=1))
    assert "4 minutes ago" in found.evidence
    assert upstream.redirect_uri(facts()).status == "unknown"


def test_a_webhook_secret_that_is_not_set_fails() -> None:
    found = inbox.webhook_secret(facts(configured=Configured()))
    assert said(found) == ("failing", remedies.SIGNATURES_MISSING, None)
    found = inbox.webhook_secret(facts(configured=Configured(webhook_secrets_broken=True)))
    assert said(found) == ("failing", remedies.SIGNATURES_BROKEN, None)


def test_rubbish_from_a_stranger_is_a_warning_and_missing_events_are_more() -> None:
    seen = bad(SIGNED, ago(minutes=9), times=12, good_at=ago(minutes=30))
    found = inbox.webhook_secret(facts(seen))
    assert said(found) == ("warning", remedies.SIGNATURES_WRONG, ago(minutes=9))
    assert found.evidence.startswith("12 deliveries with a signature that fits none of 1 secret")
    assert "30 minutes ago" in found.evidence
    assert inbox.webhook_secret(facts(seen, events=Events(unbrought=1))).status == "failing"
    assert inbox.webhook_secret(facts(bad(SIGNED, ago(minutes=9)))).status == "failing", "none was ever genuine"


def test_a_webhook_secret_is_proven_by_deliveries() -> None:
    assert said(inbox.webhook_secret(facts(good(SIGNED, since=ago(days=2))))) == ("ok", None, ago(days=2))
    assert inbox.webhook_secret(facts()).status == "unknown"


def test_the_endpoint_is_judged_by_what_workos_has_and_by_what_comes() -> None:
    gone = bad(ENDPOINT, ago(hours=1))
    assert said(inbox.webhook_endpoint(facts(gone))) == (
        "failing", remedies.WEBHOOK_ENDPOINT.format(HOOK), ago(hours=1),
    )  # fmt: skip
    assert inbox.webhook_endpoint(facts(gone, good(DELIVERED, ago(hours=2)))).status == "failing"
    assert inbox.webhook_endpoint(facts(gone, good(DELIVERED, ago(minutes=2)))).status == "warning", "another address"
    assert inbox.webhook_endpoint(facts(good(ENDPOINT, since=ago(days=2)))).status == "ok"
    assert inbox.webhook_endpoint(facts()).status == "unknown"


def test_events_that_no_webhook_brought_say_that_webhooks_do_not_come() -> None:
    events = Events(webhook_at=ago(hours=5), healed=9, unbrought=7, unbrought_since=ago(hours=4))
    for organization in (None, ACME):
        found = inbox.last_webhook(facts(events=events, organization=organization))
        assert said(found) == ("failing", remedies.WEBHOOKS_NOT_RECEIVED, ago(hours=4))
        assert "7 events of the last 4 hours" in found.evidence
        assert "The last delivery came 5 hours ago." in found.evidence
    assert all(address in remedies.WEBHOOKS_NOT_RECEIVED for address in remedies.ADDRESSES)


def test_a_lost_webhook_among_others_is_a_warning() -> None:
    found = inbox.last_webhook(facts(good(DELIVERED, ago(seconds=5)), events=Events(webhook_at=ago(hours=5), healed=2)))
    assert said(found) == ("warning", remedies.WEBHOOKS_LATE, None)
    assert (
        found.evidence
        == "The last delivery came 5 seconds ago. Of the last 24 hours 2 events came by WorkOS's list only."
    )


def test_stale_signatures_blame_the_clock() -> None:
    found = inbox.last_webhook(facts(good(DELIVERED, ago(hours=1)), bad(SIGNED_LATELY, ago(minutes=8), times=3)))
    assert said(found) == ("warning", remedies.WEBHOOK_CLOCK, ago(minutes=8))
    assert "3 deliveries" in found.evidence


def test_webhooks_that_come_are_ok_and_none_at_all_is_not_known() -> None:
    assert inbox.last_webhook(facts(events=Events(webhook_at=ago(seconds=40)))).status == "ok"
    assert said(inbox.last_webhook(facts())) == ("unknown", remedies.NO_WEBHOOK_YET, None)


def test_a_tenant_is_not_told_of_others_deliveries() -> None:
    assert inbox.last_webhook(facts(good(DELIVERED), organization=ACME)).status == "unknown"


@pytest.mark.parametrize(
    ("seconds", "status", "since"),
    [(59, "ok", None), (60, "warning", 0), (299, "warning", 239), (300, "failing", 0), (3600, "failing", 3300)],
)
def test_events_that_wait(seconds: int, status: str, since: int | None) -> None:
    found = inbox.oldest_pending_event(facts(events=Events(due=4, due_since=ago(seconds=seconds))))
    assert (found.status, found.since) == (status, None if since is None else ago(seconds=since))
    assert "(4 events in all)" in found.evidence
    assert inbox.oldest_pending_event(facts()).evidence == "No event waits."


def test_who_waits_is_told_what_they_can_do() -> None:
    events = Events(due=1, due_since=ago(hours=1))
    assert inbox.oldest_pending_event(facts(events=events)).remedy == remedies.PENDING
    assert inbox.oldest_pending_event(facts(events=events, organization=ACME)).remedy == remedies.PENDING_TENANT


def test_dead_events_fail_since_the_first_died() -> None:
    events = Events(dead=3, dead_since=ago(days=2), dead_why="dsync.user.created: org_mismatch: …")
    assert said(inbox.dead_events(facts(events=events))) == ("failing", remedies.DEAD, ago(days=2))
    assert inbox.dead_events(facts(events=events)).evidence.startswith(
        "3 events could not be applied; the latest: dsync"
    )
    assert inbox.dead_events(facts(events=events, organization=ACME)).remedy == remedies.DEAD_TENANT
    assert inbox.dead_events(facts()).status == "ok"


@pytest.mark.parametrize(
    ("seconds", "status", "since"), [(70, "ok", None), (180, "warning", 0), (599, "warning", 419), (600, "failing", 0)]
)
def test_the_events_apis_lag(seconds: int, status: str, since: int | None) -> None:
    found = inbox.events_api_lag(facts(poll=Poll(ago(seconds=seconds), "WorkOS answered 500.")))
    assert (found.status, found.since) == (status, None if since is None else ago(seconds=since))
    assert "The last reading failed: WorkOS answered 500." in found.evidence
    assert found.remedy == (None if status == "ok" else remedies.LAG_REFUSED), "a worker runs: it was refused"
    assert inbox.events_api_lag(facts(poll=Poll(ago(hours=1), None))).remedy == remedies.LAG
    assert inbox.events_api_lag(facts()).status == "unknown"


@pytest.mark.parametrize(
    ("changes", "status", "since", "remedy", "words"),
    [
        ({}, "ok", None, None, "All directories are in step: 1."),
        (
            {"state": "invalid_credentials"}, "failing", ago(days=2), remedies.DIRECTORY_CREDENTIALS,
            "1 of 1: Okta: WorkOS cannot read it: the provider refuses its credentials.",
        ),
        (
            {"state": "unlinked"}, "warning", ago(days=2), remedies.DIRECTORY_DISCONNECTED,
            "1 of 1: Okta: it is unlinked: nobody is synced.",
        ),
        (
            {"run_status": "failed", "run_error": "WorkOS is away.", "failing_since": ago(hours=1)}, "failing",
            ago(hours=1), remedies.DIRECTORY_SYNC_FAILED,
            "1 of 1: Okta: last synced 2 hours ago; the last sync failed: WorkOS is away.",
        ),
        (
            {"run_status": "needs_confirmation"}, "warning", ago(hours=2), remedies.DIRECTORY_HELD,
            "1 of 1: Okta: last synced 2 hours ago; a sync is held until somebody confirms it.",
        ),
        (
            {"last_synced_at": ago(hours=25)}, "warning", ago(hours=1), remedies.DIRECTORY_STALE,
            "1 of 1: Okta: last synced 25 hours ago.",
        ),
        (
            {"last_synced_at": None, "run_status": None, "created_at": ago(hours=3)}, "warning", ago(hours=2),
            remedies.DIRECTORY_STALE, "1 of 1: Okta: never synced.",
        ),
        (
            {"last_synced_at": None, "run_status": None, "created_at": ago(minutes=3)}, "unknown", None, None,
            "Okta: never synced.",
        ),
    ],
)  # fmt: skip
def test_directories(
    changes: dict[str, Any], status: str, since: datetime | None, remedy: str | None, words: str
) -> None:
    found = objects.last_sync(facts(directories=[directory(**changes)]))
    assert (said(found), found.evidence) == ((status, remedy, since), words)


@pytest.mark.parametrize(
    ("changes", "status", "since", "remedy", "words"),
    [
        ({}, "ok", None, None, "Every SSO connection in use is active: 1."),
        (
            {"state": "inactive"}, "failing", ago(days=2), remedies.CONNECTION_INACTIVE,
            "1 of 1: Okta: it is inactive, nobody can sign in over it.",
        ),
        (
            {"state": "draft"}, "warning", ago(days=2), remedies.CONNECTION_INACTIVE,
            "1 of 1: Okta: its set-up is not complete (draft), nobody can sign in over it.",
        ),
        (
            {"last_failure_at": ago(minutes=4), "last_failure_code": "connection_invalid"}, "warning", ago(minutes=4),
            remedies.CONNECTION_FAILED,
            ("1 of 1: Okta: the last sign-in was 3 hours ago,"
            " and the latest try failed 4 minutes ago: connection_invalid."),
        ),
        (
            {"last_failure_at": ago(minutes=4), "last_failure_code": "upstream_unavailable"}, "ok", None, None,
            "Every SSO connection in use is active: 1.",
        ),
        ({"last_failure_at": ago(hours=4), "last_failure_code": "x"}, "ok", None, None,
         "Every SSO connection in use is active: 1."),
        ({"last_login_at": None}, "ok", None, None, "Every SSO connection in use is active: 1."),
    ],
)  # fmt: skip
def test_connections(
    changes: dict[str, Any], status: str, since: datetime | None, remedy: str | None, words: str
) -> None:
    found = objects.connection_states(facts(connections=[connection(**changes)]))
    assert (said(found), found.evidence) == ((status, remedy, since), words)


def test_of_several_that_are_off_the_one_that_people_came_over_failed() -> None:
    """Oldest first, the one that nobody ever used would be named, with a date of before anything failed."""
    spare = connection(id=UUID(int=2), name="Spare", state="inactive", last_login_at=None, updated_at=ago(days=300))
    found = objects.connection_states(facts(connections=[connection(state="inactive"), spare]))
    assert found.evidence == "1 of 2: Okta: it is inactive, nobody can sign in over it."
    default = {"default_connection_id": UUID(int=2)}
    both = [connection(state="inactive", **default), replace(spare, **default)]
    assert [one.status for one in objects.connection_states(facts(connections=both)).objects] == ["failing", "failing"]


def test_a_spare_connection_that_somebody_just_tried_is_no_spare() -> None:
    spare = connection(
        id=UUID(int=2), name="Spare", state="inactive", last_login_at=None, last_failure_at=ago(minutes=1),
        last_failure_code="connection_unlinked",
    )  # fmt: skip
    found = objects.connection_states(facts(connections=[connection(), spare]))
    assert (found.status, found.remedy) == ("warning", remedies.CONNECTION_LEFT)
    assert "somebody tried to sign in over this one 60 seconds ago" in found.evidence


def test_of_several_connections_one_must_be_chosen() -> None:
    first, second, foreign = UUID(int=1), UUID(int=2), UUID(int=3)

    def states(default: UUID | None, second_state: str = "active") -> list[str]:
        found = objects.connection_states(
            facts(
                connections=[
                    connection(id=first, default_connection_id=default),
                    connection(id=second, default_connection_id=default, state=second_state),
                    connection(id=foreign, organization_id=UUID(int=9)),
                ]
            )
        )
        return [one.status for one in sorted(found.objects, key=lambda one: one.id)]

    assert states(None) == ["warning", "warning", "ok"], "another tenant has but one"
    assert states(foreign) == ["warning", "warning", "ok"], "what the policy names is not active any more"
    assert states(second) == ["ok", "ok", "ok"]
    assert states(None, "inactive") == ["ok", "warning", "ok"]
    assert states(second, "draft") == ["ok", "warning", "ok"]
    (found, *_) = objects.connection_states(facts(connections=[connection(), connection(id=second)])).objects
    assert found.evidence == (
        "Okta: the last sign-in was 3 hours ago; others are active too, and none is the default: WorkOS may not know"
        " which is meant."
    )
    assert found.remedy == remedies.CONNECTION_UNDECIDED


@pytest.mark.parametrize(
    ("changes", "status", "remedy", "words"),
    [
        ({}, "ok", None, "Every SSO connection in use is active: 1."),
        ({"state": "draft"}, "ok", None, "Every SSO connection in use is active: 1."),
        (
            {"last_login_at": ago(days=3)}, "warning", remedies.CONNECTION_LEFT,
            ("1 of 2: Spare: it is inactive; people sign in over Okta,"
             " but the last sign-in over this one was 3 days ago."),
        ),
        (
            {"default_connection_id": UUID(int=7)}, "warning", remedies.CONNECTION_DEFAULT,
            "1 of 2: Spare: it is inactive; people sign in over Okta, but it is the default.",
        ),
        (
            {"organization_id": UUID(int=9)}, "failing", remedies.CONNECTION_INACTIVE,
            "1 of 2: Spare: it is inactive, nobody can sign in over it.",
        ),
    ],
)  # fmt: skip
def test_a_connection_that_nobody_is_sent_to_may_be_inactive(
    changes: dict[str, Any], status: str, remedy: str | None, words: str
) -> None:
    spare = connection(**({"id": UUID(int=7), "name": "Spare", "state": "inactive", "last_login_at": None} | changes))
    found = objects.connection_states(facts(connections=[connection(), spare]))
    assert (found.status, found.remedy, found.evidence) == (status, remedy, words)
    if status == "ok":
        (said,) = [one.evidence for one in found.objects if one.name == "Spare"]
        assert said.endswith("; people sign in over Okta."), "its own line says that it is not active"
        several = facts(connections=[connection(), connection(id=UUID(int=8)), spare])
        (said,) = [one.evidence for one in objects.connection_states(several).objects if one.name == "Spare"]
        assert said.endswith("; people sign in over one of 2 others."), "however many they are"


@pytest.mark.parametrize(
    ("days", "status", "since", "words"),
    [
        (31, "ok", None, "None ends soon, of those known: 1."),
        (30, "warning", 0, "1 of 1: Okta: its certificate ends in 30 days."),
        (8, "warning", 22, "1 of 1: Okta: its certificate ends in 8 days."),
        (7, "failing", 0, "1 of 1: Okta: its certificate ends in 7 days."),
        (-2, "failing", 9, "1 of 1: Okta: its certificate ended 2 days ago."),
    ],
)
def test_certificates(days: int, status: str, since: int | None, words: str) -> None:
    found = objects.certificates(facts(connections=[connection(certificate_expires_at=NOON + timedelta(days=days))]))
    assert (found.status, found.evidence) == (status, words)
    assert found.since == (None if since is None else ago(days=since))
    assert found.remedy == (None if status == "ok" else remedies.CERTIFICATE)


def test_nothing_there_is_not_known_and_says_so() -> None:
    assert objects.last_sync(facts()).evidence == "No directory is connected."
    assert objects.connection_states(facts()).evidence == "No SSO connection is set up."
    assert objects.certificates(facts(connections=[connection()])).status == "unknown"


def test_of_many_the_worst_is_told_and_the_worst_are_shown() -> None:
    many = [directory(id=UUID(int=n), name=f"D{n}") for n in range(1, 31)]
    many[20] = replace(many[20], run_status="failed", run_error="No.", failing_since=ago(hours=3))
    many[25] = replace(many[25], run_status="failed", run_error="No.", failing_since=ago(hours=5))
    many[3] = replace(many[3], state="unlinked")
    found = objects.last_sync(facts(directories=many))
    assert said(found) == ("failing", remedies.DIRECTORY_SYNC_FAILED, ago(hours=5))
    assert found.evidence == "2 of 30: D26: last synced 2 hours ago; the last sync failed: No. 1 other is failing."
    assert [one.name for one in found.objects[:3]] == ["D26", "D21", "D4"]
    assert len(found.objects) == 20


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), "unknown"),
        (("unknown",), "unknown"),
        (("unknown", "ok"), "ok"),
        (("ok", "warning", "unknown"), "warning"),
        (("warning", "failing", "ok"), "failing"),
    ],
)
def test_the_worst_counts_and_what_is_unknown_only_alone(statuses: tuple[Any, ...], expected: str) -> None:
    assert worst(statuses) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7_199, "119 minutes"),
     (7_200, "2 hours"), (172_799, "47 hours"), (172_800, "2 days")],
)  # fmt: skip
def test_spans_are_told_in_words(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_a_tenant_has_its_own_indicators_only() -> None:
    own = set(readings(facts(organization=ACME)))
    assert own == {
        "last_webhook", "oldest_pending_event", "dead_events", "last_sync", "connection_states", "certificates",
        "alerts",
    }  # fmt: skip
    assert set(readings(facts())) == {one.name for one in INDICATORS} > own


def test_what_is_not_well_has_a_remedy_and_words() -> None:
    for one in INDICATORS:
        found = one.read(facts())
        assert found.evidence.endswith((".", "!"))
        assert found.status in {"ok", "unknown"}, one.name
