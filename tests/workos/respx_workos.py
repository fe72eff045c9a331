"""WorkOS's documented answers as respx routes: enough for the contract suite, without a socket."""

import base64
import hashlib
import json
from typing import Any

import httpx
import respx

from tests.workos.answers import (
    a_connection_answer,
    a_directory_answer,
    a_list,
    a_profile_answer,
    an_organization_answer,
    missing,
)
from tests.workos.respx_connections import ConnectionsApi
from tests.workos.respx_directories import DirectoriesApi


class RespxWorkOS:
    """One organization, its two connections, its directory and its events, and a crowd of 103 of each."""

    def __init__(self) -> None:
        self.api_key = "sk_test_respx"
        self.client_id = "client_respx"
        self.router = respx.Router(assert_all_called=False)
        self._codes: dict[str, tuple[dict[str, Any], str]] = {}
        self._schemas: dict[str, dict[str, Any]] = {}
        oidc = a_connection_answer(id="conn_2", connection_type="GenericOIDC")
        self._connections = [a_connection_answer(), oidc]
        self._connections += [a_connection_answer(id=f"conn_c{n}", organization_id="org_crowd") for n in range(103)]
        self._organizations = {"org_1": an_organization_answer()}
        self.router.post(path="/audit_logs/events").mock(side_effect=self._audit_event)
        self.router.post(path__regex=r"/audit_logs/actions/(?P<key>[^/]+)/schemas").mock(side_effect=self._audit_schema)
        self.router.post(path="/sso/token").mock(side_effect=self._token)
        self.router.post(path="/sso/logout/authorize").mock(side_effect=self._logout)
        self.connections = ConnectionsApi(self._connections, self._organizations)
        self.router.route(path__regex=r"/connections(/[^/]+)?(/saml_idp_signing_certs)?$").mock(
            side_effect=self.connections.answer
        )
        self.router.get(path="/directories").mock(return_value=httpx.Response(200, json=a_list(a_directory_answer())))
        self.router.route(path__regex=r"/(directories|directory_\w+|events)\b").mock(
            side_effect=DirectoriesApi().answer
        )
        self.router.post(path="/portal/generate_link").mock(side_effect=self._portal_link)
        self.router.post(path="/portal/revoke_link").mock(side_effect=self._revoke_link)
        self.router.post(path="/organizations").mock(side_effect=self._create)
        self.router.get(path__regex=r"/organizations/(?P<key>[^/]+)").mock(side_effect=self._organization)

    async def approve(self, url: str) -> str:
        """Return a code for Ada at the connection that the authorization URL names."""
        query = httpx.URL(url).params
        oidc = query["connection"] == "conn_2"
        changes = {"id": "prof_2", "connection_id": "conn_2", "connection_type": "GenericOIDC"} if oidc else {}
        code = f"code_{len(self._codes)}_{query['state']}"
        self._codes[code] = (a_profile_answer(**changes), query["code_challenge"])
        return code

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = json.loads(request.content)
        if (form["client_id"], form["client_secret"]) != (self.client_id, self.api_key):
            return httpx.Response(400, json={"error": "invalid_client", "error_description": "…"})
        answer, challenge = self._codes.pop(form["code"], ({}, ""))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": "The code is invalid."})
        return httpx.Response(200, json=answer)

    def _logout(self, request: httpx.Request) -> httpx.Response:
        profile = json.loads(request.content)["profile_id"]
        if profile == "prof_2":
            return httpx.Response(200, json={"logout_url": "https://auth.workos.test/out", "logout_token": "t"})
        if profile == "prof_1":
            return httpx.Response(400, json={"code": "connection_invalid", "message": "…"})
        return missing()

    def _organization(self, _request: httpx.Request, key: str) -> httpx.Response:
        found = self._organizations.get(key)
        return httpx.Response(200, json=found) if found else missing()

    def _portal_link(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if asked["organization"] not in self._organizations:
            return missing()
        return httpx.Response(201, json={"link": f"https://setup.workos.test?token={asked['intent']}"})

    def _revoke_link(self, request: httpx.Request) -> httpx.Response:
        known = json.loads(request.content)["organization"] in self._organizations
        return httpx.Response(204) if known else missing()

    def _audit_event(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content)
        if told["organization_id"] not in self._organizations:
            return missing()
        assert request.headers["idempotency-key"]
        event, schema = told["event"], self._schemas.get(told["event"]["action"])
        kinds = {target["type"] for target in (schema or {"targets": []})["targets"]}
        names = (schema or {}).get("metadata", {}).get("properties", {})
        if schema is None or {each["type"] for each in event["targets"]} - kinds or {*event["metadata"]} - {*names}:
            return httpx.Response(422, json={"code": "invalid_audit_log", "message": "…", "errors": ["…"]})
        return httpx.Response(201, json={"success": True})

    def _audit_schema(self, request: httpx.Request, key: str) -> httpx.Response:
        self._schemas[key] = json.loads(request.content)
        return httpx.Response(201, json={"object": "audit_log_schema", "version": 1})

    def _create(self, request: httpx.Request) -> httpx.Response:
        made = an_organization_answer(**{"id": "org_2", "domains": [], **json.loads(request.content)})
        self._organizations["org_2"] = made
        return httpx.Response(201, json=made)
