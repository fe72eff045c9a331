"""`/connections/{id}/saml_idp_signing_certs`: what a SAML connection's identity provider signs with."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from sandbox.access import TheWorld, require_api_key
from sandbox.certificates import add_certificate
from sandbox.connections import JsonBody, require, require_feature
from sandbox.records import Connection, SigningCertificate
from sandbox.refusals import bad_request, not_found
from sandbox.state import World
from sandbox.wire import Json, instant

router = APIRouter(
    prefix="/connections/{connection_id}/saml_idp_signing_certs", dependencies=[Depends(require_api_key)]
)


@router.get("")
async def list_certificates(world: TheWorld, connection_id: str) -> dict[str, Any]:
    """List the certificates, expired ones too, oldest first; 403 without the `connections_api` switch."""
    found = _saml(world, connection_id)
    return {"object": "list", "data": [_shape(each) for each in found.certificates]}


@router.post("", status_code=201)
async def create_certificate(world: TheWorld, connection_id: str, body: JsonBody) -> Json:
    """Add a certificate; the others stay."""
    return _shape(add_certificate(world, _saml(world, connection_id), str(body.get("value", ""))))


@router.delete("/{certificate_id}")
async def delete_certificate(world: TheWorld, connection_id: str, certificate_id: str) -> Response:
    """Remove a certificate; the last one stays."""
    found = _saml(world, connection_id)
    gone = [each for each in found.certificates if each.id == certificate_id]
    if not gone:
        raise not_found("Certificate", certificate_id)
    if len(found.certificates) == 1:
        raise bad_request("cannot_delete_last_certificate", "A SAML connection needs a certificate.")
    found.certificates.remove(gone[0])
    return Response(status_code=204)


def _saml(world: World, connection_id: str) -> Connection:
    require_feature(world)
    found = require(world, connection_id)
    if not found.type.endswith("SAML"):
        raise bad_request("connection_is_not_saml", "Only SAML connections have certificates.")
    return found


def _shape(record: SigningCertificate) -> Json:
    return {
        "object": "saml_idp_signing_certificate",
        "id": record.id,
        "value": record.value,
        "not_before": instant(record.not_before),
        "not_after": instant(record.not_after),
        "created_at": instant(record.created_at),
    }
