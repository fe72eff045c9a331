"""The two statements of a sign-in: what must be known of it, and the one that repeats a login.

Each reaches into the tables of several rooms, because it runs at every sign-in: asked room by room it costs a round
trip for each (speed.md). What arrives together is asked and committed together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from app.audit.repository import Event
from app.connections.repository import LOGIN_NOTED_EVERY
from app.db.lane import Lane
from app.kit.rows import Row
from app.organizations.policy import Policy
from app.queue.batch import together
from app.sessions.repository import NewSession
from app.uow import Actor
from app.users.repository import Known, to_known

_FACTS = """
select asker, organization_state, enabled, jit_provisioning, default_role, allow_foreign_domains, session_idle_seconds,
       session_absolute_seconds, connection_id, connection_state, stamp_due, verified, contested, directory_decides,
       id, state, email, first_name, last_name, department, job_title, mapped_role, manual_roles, rights_version,
       mirrored, mirrored_as, own_rules
from sign_in_facts($1, $2, $3, $4, $5)
"""
_REPEAT = """
select logins_repeat($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                     $19, $20) as session
"""
_read_rules = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sign-in must know of its tenant.

    `connection_id` is None unless the connection is this tenant's and active. `verified`: the e-mail's domain is proven
    to be this tenant's; `contested`: and another's. `directory_decides`: a linked directory has completed a sync, so
    it, and not the sign-in, says who people are. `stamp_due`: the connection's last sign-in was noted a while ago.
    `identified`: whom the connection knows under the profile's `idp_id`; `rights_version`: theirs. `mirrored`: what the
    directories say of the person (`active`, `unmanaged`, `inactive`, `deleted`), None where none ever knew them;
    `mirrored_as`: who they are here by that. `own_rules`: the tenant's own name -> role rules, None for the default.
    """

    active: bool
    enabled: bool
    policy: Policy
    connection_id: UUID | None
    verified: bool
    contested: bool
    directory_decides: bool
    stamp_due: bool
    identified: Known | None
    rights_version: int | None
    mirrored: str | None
    mirrored_as: UUID | None
    own_rules: tuple[tuple[str, str], ...] | None

    @property
    def removed(self) -> bool:
        """Return whether a directory knew the person and none lets them in any more (threats.md A12)."""
        return self.mirrored in {"inactive", "deleted"}


@dataclass(frozen=True, slots=True)
class Question:
    """Of which tenant, connection (WorkOS's id), e-mail domain and person the facts are wanted."""

    organization: UUID
    connection: str
    domain: str | None
    idp_id: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """A login of a known person of whom nothing new is said; `rights_version` is what the session was made by.

    `began_at` and `trace`: when the attempt began, and what is kept of it (JSON).
    """

    organization: UUID
    domain: str | None
    idp_id: str
    rights_version: int | None
    session: NewSession
    event: Event
    origin: Actor
    began_at: datetime | None
    trace: str


async def facts(lane: Lane, question: Question) -> Facts | None:
    """Return what is known; None without such an organization."""
    return await together(lane, _facts, question)


async def repeat(lane: Lane, login: Repeat) -> bool:
    """Stamp the identity, begin the session and append the audit event.

    False, and nothing is written, when what the facts said is no longer so: access, identity or rights.
    """
    return bool(await together(lane, _repeat, login))


async def _facts(lane: Lane, questions: Sequence[Question]) -> dict[Question, Facts]:
    rows = await lane.fetch(
        _FACTS,
        [question.organization for question in questions],
        [question.connection for question in questions],
        [question.domain for question in questions],
        [question.idp_id for question in questions],
        max(question.asked_at for question in questions) - LOGIN_NOTED_EVERY,
    )
    return {questions[row["asker"] - 1]: _to_facts(row) for row in rows}


def _to_facts(row: Row) -> Facts:
    return Facts(
        active=row["organization_state"] == "active",
        enabled=row["enabled"],
        policy=Policy(
            jit_provisioning=row["jit_provisioning"],
            default_role=row["default_role"],
            allow_foreign_domains=row["allow_foreign_domains"],
            session_idle_seconds=row["session_idle_seconds"],
            session_absolute_seconds=row["session_absolute_seconds"],
        ),
        connection_id=row["connection_id"] if row["connection_state"] == "active" else None,
        verified=row["verified"],
        contested=row["contested"],
        directory_decides=row["directory_decides"],
        stamp_due=row["stamp_due"],
        identified=to_known(row) if row["id"] else None,
        rights_version=row["rights_version"],
        mirrored=row["mirrored"],
        mirrored_as=row["mirrored_as"],
        own_rules=None if row["own_rules"] is None else _read_rules(row["own_rules"]),
    )


async def _repeat(lane: Lane, logins: Sequence[Repeat]) -> dict[Repeat, bool]:
    sessions, events = [login.session for login in logins], [login.event for login in logins]
    rows = await lane.fetch(
        _REPEAT,
        [login.organization for login in logins],
        [session.user_id for session in sessions],
        [login.rights_version for login in logins],
        [session.connection_id for session in sessions],
        [login.domain for login in logins],
        [login.idp_id for login in logins],
        [session.profile_id for session in sessions],
        [session.id for session in sessions],
        [session.secret_hash for session in sessions],
        [session.idle_seconds for session in sessions],
        [session.expires_at for session in sessions],
        [event.id for event in events],
        [event.targets for event in events],
        [event.metadata for event in events],
        [login.origin.ip for login in logins],
        [login.origin.user_agent for login in logins],
        [login.origin.request_id for login in logins],
        [session.begun_at for session in sessions],
        [login.began_at for login in logins],
        [login.trace for login in logins],
    )
    begun = {row["session"] for row in rows}
    return {login: login.session.id in begun for login in logins}
