"""Lockouts: whom it would keep out of MemberPulse if single sign-on were the only way in, read before it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.kit.rows import Row
from app.organizations.policy import Jit, normalise_domain, provisions
from app.sso.lockout_repository import Lockouts
from app.uow import UnitOfWork

SHOWN_AT_MOST: Final = 100
"""People who are named of each kind; all of them are counted."""
_REASONS: Final = {
    "unconnected": ("no_connection", "No connection of the organization is active."),
    "of_foreign_domain": ("foreign_domain", "Their address is in a domain that is not verified for the organization."),
    "not_provisioned": (
        "not_provisioned",
        "The directory that knew them is gone, and the policy lets a sign-in add nobody new.",
    ),
    "not_recognised": (
        "not_recognised",
        (
            "They have not signed in by an active connection yet, their address is in no verified domain by which they"
            " would be recognised, and the policy lets a sign-in add nobody new."
        ),
    ),
    "of_contested_domain": (
        "contested_domain",
        (
            "They have not signed in by an active connection yet, and a sign-in neither recognises nor adds anybody by"
            " an address of their domain: it is not proven to be one organization's alone."
        ),
    ),
    "of_shared_address": ("shared_address", "Somebody else has the same address, so a sign-in cannot tell who it is."),
}
_NOT_SEEN: Final = (
    "no_identity",
    "They have not signed in by an active connection yet. Nothing says that they cannot.",
)


@dataclass(frozen=True, slots=True)
class Lockout:
    """Who would be locked out, and who was not seen to sign in yet: how many, and the first hundred.

    Of whom is not seen nothing says that they would fail: in a new company that is everybody.
    """

    people: int
    count: int
    not_seen: int
    shown: tuple[Row, ...]
    connections: int
    administrators_left: int
    administrators_seen: int

    @property
    def is_harmless(self) -> bool:
        """Return whether everybody has been seen to get in, and somebody of them is an administrator."""
        return not (self.count or self.not_seen) and bool(self.connections) and bool(self.administrators_left)

    @property
    def said(self) -> str:
        """Return how many people it is about, in a sentence or two."""
        said = f"{self.count} of {self.people} people would be locked out."
        if not self.not_seen:
            return said
        others = "1 person has" if self.not_seen == 1 else f"{self.not_seen} people have"
        return f"{said} {others} not been seen to sign in by single sign-on yet."

    def told(self) -> dict[str, Any]:
        """Return what the problem tells, for its `locked_out`, `not_seen_yet` and `warnings`."""
        return {
            "locked_out": {
                "count": self.count,
                "of_people": self.people,
                "people": [_person(row, _reasons(row)) for row in self._named(kept_out=True)],
            },
            "not_seen_yet": {
                "count": self.not_seen,
                "people": [_person(row, [_warning(*_NOT_SEEN)]) for row in self._named(kept_out=False)],
            },
            "warnings": self._warnings(),
        }

    def _named(self, *, kept_out: bool) -> Sequence[Row]:
        return [row for row in self.shown if row["kept_out"] is kept_out]

    def _warnings(self) -> list[dict[str, str]]:
        warnings: list[dict[str, str]] = []
        if not self.connections:
            warnings.append(_warning("no_active_connection", "No connection is active, so nobody could sign in."))
        if not self.administrators_left:
            warnings.append(_warning("last_administrator", "No administrator of the organization could sign in."))
        elif not self.administrators_seen:
            warnings.append(
                _warning(
                    "no_administrator_seen",
                    "No administrator has been seen to sign in by single sign-on yet: if it fails for all of them,"
                    " only MemberPulse support can undo this.",
                )
            )
        if (hidden := self.count - len(self._named(kept_out=True))) > 0:
            warnings.append(_warning("people_not_shown", f"{hidden} more people would be locked out."))
        if (hidden := self.not_seen - len(self._named(kept_out=False))) > 0:
            warnings.append(_warning("people_not_shown", f"{hidden} more people have not been seen to sign in yet."))
        return warnings


async def foresee(uow: UnitOfWork, *, foreign_domains: bool, jit: Jit) -> Lockout:
    """Return whom single sign-on alone would keep out of the unit's tenant, and who has not come by it yet.

    `foreign_domains`: whether addresses of domains that are not verified may sign in; `jit`: whom a sign-in may create.
    """
    repository = Lockouts(uow)
    spelled, verified = await repository.domains()
    plain = {one: normalise_domain(one) for one in spelled}
    contested = await repository.contested([name for name in plain.values() if name])
    connections, decides = await repository.in_use()
    rows = await repository.people(
        [one for one, name in plain.items() if name not in verified],
        [one for one, name in plain.items() if name in contested],
        guests=foreign_domains,
        provisions=provisions(jit, directory_decides=decides),
        connected=bool(connections),
        most=SHOWN_AT_MOST,
    )
    first = rows[0]
    return Lockout(
        people=first["people"],
        count=first["locked_out"],
        not_seen=first["not_seen"],
        shown=tuple(row for row in rows if row["id"] is not None),
        connections=connections,
        administrators_left=first["administrators_left"],
        administrators_seen=first["administrators_seen"],
    )


def _person(row: Row, reasons: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "user_id": str(row["id"]),
        **{name: row[name] for name in ("email", "first_name", "last_name")},
        "administrator": row["administrates"],
        "reasons": reasons,
    }


def _reasons(row: Row) -> list[dict[str, str]]:
    return [_warning(*told) for name, told in _REASONS.items() if row[name]]


def _warning(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}
