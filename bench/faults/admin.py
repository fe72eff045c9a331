"""Admin: an operator of the platform, by break-glass link and over the public API only."""

import json
from typing import Any, Self

import httpx


class Admin:
    """An operator's browser; asks for a new access token whenever one is needed."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    @classmethod
    async def signed_in(cls, url: str, link: str) -> Self:
        """Return an operator who used the link that `admin-link --json` printed."""
        http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=30)
        token = json.loads(link.strip().splitlines()[-1])["token"]
        (await http.post("/auth/break-glass", json={"token": token})).raise_for_status()
        return cls(http, url)

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """POST JSON as an operator. Raises httpx.HTTPStatusError for anything but a success."""
        given = await self._http.post("/auth/token", headers={"Origin": self._url})
        given.raise_for_status()
        bearer = {"Authorization": f"Bearer {given.json()['access_token']}"}
        answer = await self._http.post(path, json=body, headers=bearer)
        return answer.raise_for_status()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
