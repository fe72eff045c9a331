"""Indicators of WorkOS itself: credentials, whether it can be reached, the redirect URI. For the platform."""

from app.kit.sightings import FAILURES, PATIENCE, STALE, Sighting
from app.status import remedies
from app.status.facts import REDIRECT_URI, Facts
from app.status.reading import Reading, counted, span
from app.workos.noticed import API, API_KEY, CLIENT, RETURNED


def credentials(facts: Facts) -> Reading:
    """Say whether WorkOS takes the API key and the client id."""
    if facts.configured.missing:
        missing = ", ".join(facts.configured.missing)
        return Reading("failing", f"Missing: {missing}.", remedies.CREDENTIALS_MISSING)
    key, client = facts.sighting(API_KEY), facts.sighting(CLIENT)
    for what, seen in (("API key", key), ("client id", client)):
        if seen.bad:
            said = f"WorkOS refuses the {what}: {seen.why} ({_how_often(facts, seen)})."
            return Reading("failing", said, remedies.CREDENTIALS_REFUSED, seen.bad_since)
    if key.good_at is None or facts.at - key.good_at > STALE:
        return _not_asked(facts, key)
    said = f"WorkOS took the API key {_ago(facts, key)}"
    said += f" and the client id {_ago(facts, client)}." if client.good_at else "; the client id was not tried yet."
    return Reading("ok", said, since=max(filter(None, (key.good_since, client.good_since)), default=None))


def api_reachable(facts: Facts) -> Reading:
    """Say whether WorkOS answers."""
    seen = facts.sighting(API)
    if seen.bad and seen.bad_since:
        lasting = facts.at - seen.bad_since
        said = f"WorkOS has not answered for {span(lasting)}: {seen.why} ({_how_often(facts, seen)})."
        if seen.good_at:
            said += f" It last answered {_ago(facts, seen)}."
        grave = seen.times >= FAILURES or lasting >= PATIENCE
        return Reading("failing" if grave else "warning", said, remedies.UNREACHABLE, seen.bad_since)
    if seen.good_at is None or facts.at - seen.good_at > STALE:
        return _not_asked(facts, seen)
    return Reading("ok", f"WorkOS last answered {_ago(facts, seen)}.", since=seen.good_since)


def redirect_uri(facts: Facts) -> Reading:
    """Say whether WorkOS lets sign-ins come back to us."""
    uri, asked, returned = facts.configured.redirect_uri, facts.sighting(REDIRECT_URI), facts.sighting(RETURNED)
    if asked.bad:
        said = f"WorkOS does not let sign-ins come back to {uri}: people see an error page of WorkOS's."
        return Reading("failing", said, remedies.REDIRECT_URI.format(uri), asked.bad_since)
    back = f" The last one came back {_ago(facts, returned)}." if returned.good_at else " None has come back yet."
    if asked.good_at:
        return Reading("ok", f"WorkOS lets sign-ins come back to {uri}.{back}", since=asked.good_since)
    if returned.good_at:
        return Reading("ok", f"Sign-ins come back to {uri}.{back}", since=returned.good_since)
    said = f"No sign-in has come back to {uri} yet, and WorkOS does not tell whether it would."
    return Reading("unknown", said, remedies.REDIRECT_URI.format(uri))


def _not_asked(facts: Facts, seen: Sighting) -> Reading:
    if seen.good_at is None:
        return Reading("unknown", "WorkOS has not been asked yet.", remedies.NOT_ASKED)
    return Reading("unknown", f"WorkOS was last asked {_ago(facts, seen)}.", remedies.NOT_ASKED, seen.good_at + STALE)


def _ago(facts: Facts, seen: Sighting) -> str:
    assert seen.good_at is not None  # noqa: S101 -- asked for where it is known alone
    return f"{span(facts.at - seen.good_at)} ago"


def _how_often(facts: Facts, seen: Sighting) -> str:
    assert seen.bad_at is not None  # noqa: S101 -- asked for where it went badly alone
    return f"{counted(seen.times, 'time')}, last {span(facts.at - seen.bad_at)} ago"
