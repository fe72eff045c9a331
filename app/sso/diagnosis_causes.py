"""Causes: what stands in somebody's way, told to whom it is to be mended by, each cause with its own remedy; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.connections.errors import ConnectionInactive
from app.kit.rows import Row
from app.organizations.policy import provisions
from app.problems import Problem, SettingsIncomplete
from app.sso.diagnosis import Diagnosis
from app.sso.errors import SsoDisabled
from app.sso.remedies import INVALID_CONNECTION, USERS_NOT_SYNCING
from app.users.errors import DomainNotAllowed, IdentityConflict, UserDeactivated, UserNotProvisioned

_ON_THEIR_PAGE: Final = "them in again on their page in the console."
_DECIDING: Final = ("linked", "validating", "invalid_credentials")
ENTRIES: Final[Mapping[str, str]] = {
    "active": "{} lets them in",
    "inactive": "{} has them as inactive or suspended",
    "deleted": "{} has removed them",
    "unmanaged": "{} knew them before it was disconnected",
}
"""What a directory says of somebody, by the state of their entry."""
BY: Final[Mapping[str | None, str]] = {"admin": " by an administrator", "directory": " by the directory", None: ""}


@dataclass(frozen=True, slots=True)
class Cause:
    """What stands in the way, in a sentence, and what an administrator does about it."""

    said: str
    remedy: str


def cause_of(problem: Problem, found: Diagnosis) -> Cause:
    """Return what a problem is about here: the same refusal has several causes, and each is mended elsewhere."""
    match problem:
        case UserDeactivated():
            return removed(found)
        case UserNotProvisioned():
            return _unknown(found)
        case _:
            return _CAUSES.get(type(problem)) or Cause(problem.title, problem.remedy)


def removed(found: Diagnosis) -> Cause:
    """Return who keeps the person out: an administrator, a directory that suspended or removed them, or their past."""
    shut = shut_out_by(found)
    if by_hand(found):
        first = f"Assign MemberPulse to them in {shut['directory']}, then let" if shut else "Let"
        return Cause("An administrator has shut them out.", f"{first} {_ON_THEIR_PAGE}")
    if shut is None:
        theirs = any(row["state"] != "active" for row in found.evidence.people)  # else nobody has a page to go to
        remedy = f"Let {_ON_THEIR_PAGE}" if theirs else "Let a directory bring them back."
        return Cause("Somebody with this address was removed before.", remedy)
    where = shut["directory"]
    if shut["state"] == "inactive":
        remedy = f"Make them active again in {where}; they may come in as soon as it says so."
    elif found.evidence.people:
        remedy = f"Assign MemberPulse to them again in {where}; they may come in as soon as it says so."
    else:
        remedy = f"Add them to {where} and assign MemberPulse to them there."
    return Cause("The directory does not let them in.", remedy)


def _unknown(found: Diagnosis) -> Cause:
    """Return why somebody of whom nobody has told may not come by themselves."""
    if contested(found):
        return Cause(
            "Nobody is recognised or added by an address of this domain: it is not proven to be one organization's"
            " alone.",
            "Let MemberPulse support look at the domain, or assign MemberPulse to them in the company's directory.",
        )
    if directory_decides(found):
        return Cause(
            "A directory decides who comes in here, and the policy lets a sign-in add nobody.",
            f"Assign MemberPulse to them in the company's directory. If that is done: {USERS_NOT_SYNCING}",
        )
    known = "A sign-in does not recognise them" if found.evidence.people else "Nobody has given them access"
    return Cause(
        f"{known}, and the policy lets a sign-in add nobody.",
        "Let the policy add people at their first sign-in, or let a directory bring them.",
    )


def shut_out_by(found: Diagnosis) -> Row | None:
    """Return the entry of a directory that keeps the person out; None where none does, or another lets them in."""
    entries = found.evidence.entries
    if any(row["state"] not in {"inactive", "deleted"} for row in entries):
        return None
    return next(iter(entries), None)


def by_hand(found: Diagnosis) -> bool:
    """Return whether an administrator has shut somebody with this address out."""
    return any(row["deactivated_by"] == "admin" for row in found.evidence.people)


def contested(found: Diagnosis) -> bool:
    """Return whether it is the domain, which several organizations have verified, that lets nobody be recognised."""
    home = found.evidence.home
    if not home["contested"]:
        return False
    if provisions(home["jit_provisioning"], directory_decides=directory_decides(found)):
        return True
    # Whom a directory has left behind, and whom nobody knows, the policy would keep out by any domain.
    left = any(row["state"] == "unmanaged" for row in found.evidence.entries)
    return bool(found.evidence.people) and not left


def directory_decides(found: Diagnosis) -> bool:
    """Return whether a directory that was read completely says who people are."""
    rows = found.evidence.directories
    return any(row["last_synced_at"] is not None and row["state"] in _DECIDING for row in rows)


# The problems' own words are for whoever signs in; these are for who administrates.
_CAUSES: Final[Mapping[type[Problem], Cause]] = {
    ConnectionInactive: Cause(ConnectionInactive.title, INVALID_CONNECTION),
    SettingsIncomplete: Cause(
        SettingsIncomplete.title, "MemberPulse's operators complete the WorkOS settings; tell MemberPulse support."
    ),
    SsoDisabled: Cause(SsoDisabled.title, "Switch single sign-on on in the organization's authentication settings."),
    DomainNotAllowed: Cause(
        "The address is in no domain that this organization has verified.",
        "Verify the domain by an Admin Portal link, or let guests in by the policy.",
    ),
    IdentityConflict: Cause(
        "Several people share this address, so it is not known who signs in.",
        "Remove the address from all but one of the people who have it.",
    ),
}
