"""Lockouts: whom it would keep out of MemberPulse if single sign-on were the only way in, read before it is."""

from dataclasses import dataclass
from typing import Any, Final

from app.kit.rows import Row
from app.organizations.policy import Jit, normalise_domain, provisions
from app.sso.lockout_repository import Lockouts
from app.uow import UnitOfWork

SHOWN_AT_MOST: Final = 100
"""People who are named; all of them are counted."""
_REASONS: Final = {
    "unproven": "has not signed in through a connection that is active",
    "of_foreign_domain": "has an address of a domain that is not verified for the organization",
    "not_provisioned": "was known by a directory that is gone, and `jit_provisioning` lets in nobody who is not known",
}
_CODES: Final = {
    "unproven": "no_identity",
    "of_foreign_domain": "foreign_domain",
    "not_provisioned": "not_provisioned",
}


@dataclass(frozen=True, slots=True)
class Lockout:
    """Who would be locked out: how many, of how many people; the first hundred; and what else should be known."""

    people: int
    count: int
    shown: tuple[Row, ...]
    connections: int
    administrators_left: int

    @property
    def is_harmless(self) -> bool:
        """Return whether everybody could still sign in, and somebody of them is an administrator."""
        return not self.count and bool(self.connections) and bool(self.administrators_left)

    def told(self) -> dict[str, Any]:
        """Return what the problem tells, for its `locked_out` and `warnings`."""
        return {
            "locked_out": {
                "count": self.count,
                "of_people": self.people,
                "people": [_person(row) for row in self.shown],
            },
            "warnings": self._warnings(),
        }

    def _warnings(self) -> list[dict[str, str]]:
        warnings: list[dict[str, str]] = []
        if not self.connections:
            warnings.append(_warning("no_active_connection", "No connection is active, so nobody could sign in."))
        if not self.administrators_left:
            warnings.append(_warning("last_administrator", "No administrator of the organization could sign in."))
        if (hidden := self.count - len(self.shown)) > 0:
            warnings.append(_warning("people_not_shown", f"{hidden} more people would be locked out."))
        return warnings


async def foresee(uow: UnitOfWork, *, foreign_domains: bool, jit: Jit) -> Lockout:
    """Return whom single sign-on alone would keep out of the unit's tenant.

    Those who have never come by a connection that is active are among them: nothing proves yet that their identity
    provider lets them in. `foreign_domains`: whether addresses of domains that are not verified may sign in; `jit`:
    whom a sign-in may create.
    """
    repository = Lockouts(uow)
    spelled, verified = await repository.domains()
    foreign = [] if foreign_domains else [one for one in spelled if normalise_domain(one) not in verified]
    connections, decides = await repository.in_use()
    may_come = provisions(jit, directory_decides=decides)
    rows = await repository.people(foreign, provisions=may_come, most=SHOWN_AT_MOST)
    first = rows[0]
    return Lockout(
        people=first["people"],
        count=first["locked_out"],
        shown=tuple(row for row in rows if row["id"] is not None),
        connections=connections,
        administrators_left=first["administrators_left"],
    )


def _person(row: Row) -> dict[str, Any]:
    reasons = [name for name in _REASONS if row[name]]
    return {
        "user_id": str(row["id"]),
        **{name: row[name] for name in ("email", "first_name", "last_name")},
        "administrator": row["administrates"],
        "reasons": [_warning(_CODES[name], f"This person {_REASONS[name]}.") for name in reasons],
    }


def _warning(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}
