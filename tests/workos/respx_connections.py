"""WorkOS's documented answers about connections, and to whoever may configure them."""

import json
from typing import Any

import httpx

from tests.workos.answers import WHEN, a_connection_answer, a_page, missing


class ConnectionsApi:
    """Connections of some organizations, and the certificates that they were given; `open`: they may be made."""

    def __init__(self, connections: list[dict[str, Any]], organizations: dict[str, Any]) -> None:
        self.open = True
        self._connections = connections
        self._organizations = organizations
        self._certificates: dict[str, list[dict[str, Any]]] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer any request of this part of the API."""
        match request.method, request.url.path.strip("/").split("/"):
            case "GET", ["connections"]:
                asked = request.url.params["organization_id"]
                return a_page([one for one in self._connections if one["organization_id"] == asked], request)
            case "GET", ["connections", key]:
                found = self._found(key)
                return httpx.Response(200, json=found) if found else missing()
            case method, path if not self.open:
                return httpx.Response(403, json={"message": f"Forbidden: {method} {path[0]}"})
            case "POST", ["connections"]:
                return self._create(json.loads(request.content))
            case method, ["connections", key, *rest] if self._found(key):
                return self._certified(method, key, request) if rest else self._change(key, request)
            case _:
                return missing()

    def _found(self, key: str) -> dict[str, Any] | None:
        return next((one for one in self._connections if one["id"] == key), None)

    def _create(self, asked: dict[str, Any]) -> httpx.Response:
        if asked["organization_id"] not in self._organizations:
            return missing()
        kind = asked.get("connection_type") or ("GenericSAML" if "saml_options" in asked else "GenericOIDC")
        made = a_connection_answer(
            id=f"conn_{asked['external_id']}",
            organization_id=asked["organization_id"],
            connection_type=kind,
            name=asked["name"],
        )
        if self._found(made["id"]) is None:
            self._connections.append(made)
            for pem in asked.get("saml_options", {}).get("idp_signing_certs", ()):
                self._add(made["id"], pem)
        return httpx.Response(201, json=self._found(made["id"]))

    def _change(self, key: str, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content)
        answer = self._found(key) or {}
        saml = told.get("saml_options") and {"sp_entity_id": "https://sp.example", "acs_url": "https://sp.example/acs"}
        return httpx.Response(200, json=answer | {"saml_options": saml, "oidc_options": None})

    def _certified(self, method: str, key: str, request: httpx.Request) -> httpx.Response:
        if method == "POST":
            return httpx.Response(201, json=self._add(key, json.loads(request.content)["value"]))
        return httpx.Response(200, json={"object": "list", "data": self._certificates.get(key, [])})

    def _add(self, key: str, pem: str) -> dict[str, Any]:
        kept = self._certificates.setdefault(key, [])
        made = {
            "object": "saml_idp_signing_certificate",
            "id": f"cert_{len(kept)}",
            "value": pem,
            "not_before": None,
            "not_after": WHEN,
            "created_at": WHEN,
        }
        kept.append(made)
        return made
