"""WorkOS's documented answers as respx routes: enough for the contract suite, without a socket."""

import base64
import hashlib
import json
from typing import Any

import httpx
import respx

from tests.fakes.fake_workos import LONG_AGO

WHEN = LONG_AGO.isoformat().replace("+00:00", "Z")


def a_profile_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return the token endpoint's answer, as workos.md section 2 gives it; `changes` go into the profile."""
    profile = {
        "object": "profile",
        "id": "prof_1",
        "organization_id": "org_1",
        "connection_id": "conn_1",
        "connection_type": "OktaSAML",
        "idp_id": "00u1",
        "email": "ada@acme.example",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "name": "Ada Lovelace",
        "role": {"slug": "member"},
        "roles": [{"slug": "member"}],
        "groups": ["Engineering"],
        "custom_attributes": {"department_name": "Research"},
        "raw_attributes": {},
        **changes,
    }
    return {"token_type": "Bearer", "access_token": "not kept", "expires_in": 600, "profile": profile}


def a_connection_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return a connection as the API gives it."""
    return {
        "object": "connection",
        "id": "conn_1",
        "organization_id": "org_1",
        "connection_type": "OktaSAML",
        "name": "Acme Okta",
        "state": "active",
        "status": "linked",
        "domains": [{"object": "connection_domain", "id": "cd_1", "domain": "acme.example"}],
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def a_directory_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return a directory as the API gives it."""
    return {
        "object": "directory",
        "id": "directory_1",
        "organization_id": "org_1",
        "external_key": "k3y",
        "type": "okta scim v2.0",
        "state": "linked",
        "name": "Acme Okta",
        "domain": "acme.example",
        "metadata": {"users": {"active": 12, "inactive": 1}, "groups": 4},
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def an_organization_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return an organization as the API gives it."""
    domain = {"object": "organization_domain", "id": "dom_1", "domain": "acme.example", "state": "verified"}
    return {
        "object": "organization",
        "id": "org_1",
        "name": "Acme Corp",
        "domains": [domain],
        "metadata": {},
        "external_id": None,
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def a_list(*items: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    """Return a page of a list."""
    return {"object": "list", "data": list(items), "list_metadata": {"before": None, "after": after}}


class RespxWorkOS:
    """One organization, its two connections and its directory, and a crowd of 103 connections."""

    def __init__(self) -> None:
        self.api_key = "sk_test_respx"
        self.client_id = "client_respx"
        self.router = respx.Router(assert_all_called=False)
        self._codes: dict[str, tuple[dict[str, Any], str]] = {}
        oidc = a_connection_answer(id="conn_2", connection_type="GenericOIDC")
        self._connections = [a_connection_answer(), oidc]
        self._connections += [a_connection_answer(id=f"conn_c{n}", organization_id="org_crowd") for n in range(103)]
        self._organizations = {"org_1": an_organization_answer()}
        self.router.post(path="/sso/token").mock(side_effect=self._token)
        self.router.post(path="/sso/logout/authorize").mock(side_effect=self._logout)
        self.router.get(path="/connections").mock(side_effect=self._list_connections)
        self.router.get(path__regex=r"/connections/(?P<key>[^/]+)").mock(side_effect=self._connection)
        self.router.get(path="/directories").mock(return_value=httpx.Response(200, json=a_list(a_directory_answer())))
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
        return _missing()

    def _list_connections(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        mine = [one for one in self._connections if one["organization_id"] == query["organization_id"]]
        start = next((n for n, one in enumerate(mine, 1) if one["id"] == query.get("after")), 0)
        page = mine[start : start + int(query["limit"])]
        after = page[-1]["id"] if start + len(page) < len(mine) else None
        return httpx.Response(200, json=a_list(*page, after=after))

    def _connection(self, _request: httpx.Request, key: str) -> httpx.Response:
        found = [one for one in self._connections if one["id"] == key]
        return httpx.Response(200, json=found[0]) if found else _missing()

    def _organization(self, _request: httpx.Request, key: str) -> httpx.Response:
        found = self._organizations.get(key)
        return httpx.Response(200, json=found) if found else _missing()

    def _create(self, request: httpx.Request) -> httpx.Response:
        made = an_organization_answer(**{"id": "org_2", "domains": [], **json.loads(request.content)})
        self._organizations["org_2"] = made
        return httpx.Response(201, json=made)


def _missing() -> httpx.Response:
    return httpx.Response(404, json={"code": "entity_not_found", "message": "…"})
