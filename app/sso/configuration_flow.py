"""Configuring single sign-on: from what was entered, by way of WorkOS or its Admin Portal, to one unit that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app import log
from app import uow as units
from app.access.principal import Principal, require_operator_at_home
from app.audit import service as audit
from app.connections import service as connections
from app.connections.models import Connection
from app.connections.providers import SSO
from app.connections.repository import Connections
from app.directories import service as directories
from app.organizations.models import Organization
from app.portal import flow as portal
from app.portal.errors import OrganizationNotLinked
from app.portal.flow import Ask, Issued
from app.problems import Invalid
from app.rates import rules
from app.runtime import Runtime
from app.sso import configuration, configuration_refusals
from app.sso.configuration import Checked
from app.sso.findings import Advice
from app.uow import Actor, UnitOfWork
from app.workos.connection_records import ConfiguredConnection
from app.workos.errors import ConnectionsApiClosed, UpstreamRefused

NEW: Final = "new"
_logger = log.get("sso")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be configured: the provider by field, for which connection; of a new one its type and name.

    `connection` is a reference, `new`, or None for the one of that protocol.
    """

    given: Mapping[str, Any]
    connection: str | None = None
    kind: str | None = None
    name: str | None = None
    ask: Ask = field(default_factory=lambda: Ask("sso"))


@dataclass(frozen=True, slots=True)
class Configured:
    """What was checked and what became of it: a connection as it is now, or a link into the Admin Portal."""

    checked: Checked
    connection: Connection | None
    made: ConfiguredConnection | None = None
    issued: Issued | None = None

    @property
    def advice(self) -> Sequence[Advice]:
        """What works and should be known all the same."""
        kept = self.made.still_trusted if self.made else 0
        return (*self.checked.advice, *([_still_trusted(kept, self.checked)] if kept else ()))


@dataclass(frozen=True, slots=True)
class _Target:
    """The connection that is to be changed; of a new one what makes it one however often it is asked for."""

    connection: Connection | None
    external_id: str


async def configure(
    runtime: Runtime, organization: Organization, wanted: Wanted, *, actor: Actor, by: Principal
) -> Configured:
    """Check a configuration and give it to WorkOS, or return where it is entered by hand; say so in the record.

    `by` is the actor.

    Raises:
        NotPermitted: they are no operator, and it is the organization of operators.
        OrganizationNotLinked: WorkOS does not know the organization.
        Invalid: with every field that is wrong; WorkOS was not asked.
        ConfigurationRefused, ConfigurationConflict: WorkOS does not take it.
        RateLimited: the actor has configured thirty within a minute.
        PortalReturnNotAllowed, UpstreamNotFound, UpstreamUnavailable, UpstreamRefused, UpstreamInvalidResponse,
        SettingsIncomplete.
    """
    require_operator_at_home(organization.workos_id, platform=runtime.config.platform_organization, own=by.roles)
    if organization.workos_id is None:
        raise OrganizationNotLinked
    await runtime.rates.require(rules.CONFIGURATIONS, actor.id)
    checked = await configuration.check(wanted.given, outside=runtime.outside, now=runtime.clock.now())
    begin = units.beginner(runtime, actor=actor)
    async with begin(organization.id) as uow:
        target = await _target(uow, wanted, checked)
    try:
        made = await _send(runtime, organization, target, wanted, checked)
    except ConnectionsApiClosed:
        issued = await portal.issue(runtime, organization, wanted.ask, actor=actor, by=by)
        async with begin(organization.id) as uow:
            await _record(uow, "sso.configuration.checked", checked, target.connection)
        return Configured(checked, target.connection, issued=issued)
    except UpstreamRefused as refused:
        _logger.info("sso.configuration.refused", organization_id=str(organization.id), source=checked.source)
        raise configuration_refusals.problem_of(refused, checked.source) from None
    async with begin(organization.id) as uow:
        connection = await _write(uow, made, checked)
        await _record(uow, "sso.configuration.changed", checked, connection)
    return Configured(checked, connection, made)


async def _target(uow: UnitOfWork, wanted: Wanted, checked: Checked) -> _Target:
    """Return which connection the configuration is for; raises Invalid."""
    repository = Connections(uow, uow.tenant)
    known = len(await repository.workos_ids())
    external_id = f"{uow.tenant}-{checked.protocol}-{known}"
    if wanted.connection is None:
        found = await repository.alive(checked.protocol)
        if len(found) > 1:
            raise _invalid("connection", f"must say which of the organization's {len(found)} is meant, or `{NEW}`")
        target = _Target(found[0] if found else None, external_id)
    elif wanted.connection == NEW:
        target = _Target(None, external_id)
    else:
        one = await repository.find(wanted.connection)
        if one is None or one.state == "deleted":
            raise _invalid("connection", "is no connection of this organization")
        if one.protocol != checked.protocol:
            raise _invalid("connection", f"speaks {one.protocol.upper()}: what was entered is of the other protocol")
        target = _Target(one, external_id)
    if target.connection is None:
        _require_type(wanted.kind, checked)
    return target


def _require_type(kind: str | None, checked: Checked) -> None:
    types = {row["type"] for row in SSO if row["protocol"] == checked.protocol}
    if kind is not None and kind not in types:
        raise _invalid("type", f"is no type of a {checked.protocol.upper()} provider (GET /api/providers)")


async def _send(
    runtime: Runtime, organization: Organization, target: _Target, wanted: Wanted, checked: Checked
) -> ConfiguredConnection:
    if target.connection is not None:
        return await runtime.workos.update_connection(target.connection.workos_id, options=checked.options)
    return await runtime.workos.create_connection(
        organization=str(organization.workos_id),
        options=checked.options,
        name=wanted.name or organization.name,
        external_id=target.external_id,
        type=wanted.kind,
    )


async def _write(uow: UnitOfWork, made: ConfiguredConnection, checked: Checked) -> Connection:
    """Make the mirror what WorkOS answered; until when the identity provider's certificate is good is known, too."""
    await directories.lock_mirror(uow)
    await connections.follow(uow, made.connection)
    if checked.certificates:
        await connections.note_certificate(uow, made.connection.id, _last_end(checked))
        await connections.check_certificate_at(uow, made.connection.id, None)
    found = await Connections(uow, uow.tenant).find(made.connection.id)
    assert found is not None  # noqa: S101 -- just written
    return found


def _still_trusted(count: int, checked: Checked) -> Advice:
    """Return that the certificates of before go on counting: whoever stole a provider's key could sign in with it."""
    detail = (
        f"is trusted beside {count} older, which WorkOS goes on trusting: once the provider signs with the new"
        " one only, delete them in the WorkOS Dashboard"
    )
    return Advice("certificates_still_trusted", configuration_refusals.field_of(checked.source, "certificate"), detail)


def _last_end(checked: Checked) -> datetime:
    """Return when the last certificate ends: of two the provider is changing from one to the other."""
    return max(certificate.not_after for certificate in checked.certificates)


async def _record(uow: UnitOfWork, action: str, checked: Checked, connection: Connection | None) -> None:
    targets: list[tuple[str, UUID | str]] = [("organization", uow.tenant)]
    if connection is not None:
        targets.append(("connection", connection.id))
    certificates = [certificate.fingerprint_sha256 for certificate in checked.certificates]
    await audit.record(
        uow, action, targets=targets, protocol=checked.protocol, source=checked.source, certificates=certificates
    )


def _invalid(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", errors=[{"field": name, "message": message}])
