"""ConnectionCalls: read connections, and configure them where WorkOS lets the account do so."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

from app.workos import connection_shapes, shapes
from app.workos.asking import page_of, require_id, same, says, window
from app.workos.calls import Calls
from app.workos.connection_records import ConfiguredConnection, Options, SamlOptions, SigningCertificate
from app.workos.errors import ConnectionsApiClosed, UpstreamNotFound, UpstreamRefused
from app.workos.records import Connection, Page

T = TypeVar("T")
Json = dict[str, object]

REMEMBERED: Final = 3_600.0
"""Seconds for which it is not asked again whether the account has the connections API (workos.md section 4)."""
_FORBIDDEN: Final = 403


class ConnectionCalls:
    """The connection part of the port (see there), in the lane of what administrators ask."""

    def __init__(self, calls: Calls, *, monotonic: Callable[[], float]) -> None:
        self._calls = calls
        self._monotonic = monotonic
        self._closed_until = float("-inf")

    async def list(self, organization: str, after: str | None) -> Page[Connection]:
        """Return one page of an organization's connections."""
        require_id(organization)
        read = page_of(
            shapes.connection,
            after=after,
            owner=lambda found: found.organization_id,
            asked=organization,
            field="organization_id",
        )
        return await self._calls.get("connections", params=window(after, organization_id=organization), read=read)

    async def get(self, connection: str) -> Connection:
        """Return a connection."""
        require_id(connection)
        return await self._calls.get("connections", connection, read=same(connection, shapes.connection))

    async def create(
        self, organization: str, options: Options, *, name: str, external_id: str, kind: str | None
    ) -> ConfiguredConnection:
        """Make a connection; with an `external_id` that is known WorkOS answers the connection that has it."""
        require_id(organization)
        body: Json = {
            "organization_id": organization,
            "name": name,
            "external_id": external_id,
            **({"connection_type": kind} if kind else {}),
            **_protocol(options, created=True),
        }

        def read(answer: shapes.Object) -> ConfiguredConnection:
            made = connection_shapes.configured(answer)
            if made.connection.organization_id != organization:
                raise shapes.Mismatch("organization_id")
            return made

        return await self._gated(lambda: self._calls.post("connections", body=body, read=read))

    async def update(self, connection: str, options: Options) -> ConfiguredConnection:
        """Change a connection's identity provider; new certificates are added first, so none is ever without."""
        require_id(connection)
        others = set[str]()
        if isinstance(options, SamlOptions) and options.certificates:
            known = {_spelled(found.pem) for found in await self.certificates(connection)}
            for pem in options.certificates:
                if _spelled(pem) not in known:
                    await self._add_certificate(connection, pem)
            others = known - {_spelled(pem) for pem in options.certificates}

        def read(answer: shapes.Object) -> ConfiguredConnection:
            changed = connection_shapes.configured(answer)
            if changed.connection.id != connection:
                raise shapes.Mismatch("id")
            return replace(changed, still_trusted=len(others))

        body = _protocol(options, created=False)
        return await self._gated(lambda: self._calls.patch("connections", connection, body=body, read=read))

    async def certificates(self, connection: str) -> tuple[SigningCertificate, ...]:
        """Return what the identity provider signs with."""
        require_id(connection)
        path = ("connections", connection, "saml_idp_signing_certs")
        return await self._gated(lambda: self._calls.get(*path, read=connection_shapes.signing_certificates))

    async def _add_certificate(self, connection: str, pem: str) -> None:
        path, body = ("connections", connection, "saml_idp_signing_certs"), {"value": pem}
        await self._gated(lambda: self._calls.post(*path, body=body, read=connection_shapes.signing_certificate))

    async def _gated(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what the call does, unless the account has not got this part of the API; that is remembered."""
        if self._monotonic() < self._closed_until:
            raise ConnectionsApiClosed
        try:
            return await call()
        except UpstreamRefused as refused:
            if refused.extra.get("upstream_status") != _FORBIDDEN:
                raise
        except UpstreamNotFound as missing:
            # An object that is not there has a code of its own; a route that is not there has none.
            if says(missing, "entity_not_found"):
                raise
        self._closed_until = self._monotonic() + REMEMBERED
        raise ConnectionsApiClosed


def _protocol(options: Options, *, created: bool) -> Json:
    """Return the options as WorkOS takes them; a changed connection's certificates go another way."""
    if not isinstance(options, SamlOptions):
        told = {
            "discovery_endpoint": options.discovery_url,
            "client_id": options.client_id,
            "client_secret": options.client_secret,
        }
        return {"oidc_options": told}
    if options.idp_metadata_url is not None:
        return {"saml_options": {"idp_metadata_url": options.idp_metadata_url}}
    values: Json = {"idp_entity_id": options.idp_entity_id, "idp_sso_url": options.idp_sso_url}
    if created:
        return {"saml_options": {**values, "idp_signing_certs": list(options.certificates)}}
    return {"saml_options": {**values, "idp_metadata_url": None}}  # else the metadata of before would count again


def _spelled(pem: str) -> str:
    return "".join(pem.split())
