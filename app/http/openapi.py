"""OpenAPI: the shape of a problem, and the responses that routes share."""

from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel, Field

_TITLES = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found here",
    409: "Conflict",
    410: "Not kept any more",
    412: "Changed since it was read",
    413: "Body too large",
    415: "Unsupported body",
    421: "Host unknown",
    422: "Not acceptable",
    429: "Too many requests",
    500: "Our fault; find the request id in the log",
    502: "WorkOS refused or answered nonsense",
    503: "WorkOS or the database is away",
}


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 has it, with our code, remedy and request id."""

    type: str = Field(examples=["urn:memberpulse:problem:not_found"])
    title: str = Field(examples=["There is no such thing here."])
    status: int = Field(examples=[404])
    detail: str
    instance: str
    code: str = Field(description="Stable; front ends switch on it.", examples=["not_found"])
    remedy: str = Field(description="What to do about it.")
    request_id: str = Field(description="Find it in the log.")


def PROBLEMS(*statuses: int) -> dict[int | str, dict[str, Any]]:  # noqa: N802 -- reads as the constant it stands for
    """Return the `responses=` of a route that may answer these problems."""
    return {
        status: {
            "description": _TITLES[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in statuses
    }


def query_parameters(**texts: str) -> dict[str, Any]:
    """Return the `openapi_extra=` of a route that reads its query itself: optional strings and what they mean."""
    schema = {"type": "string", "maxLength": 2048}
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, text in texts.items()
        ]
    }


REDIRECT: dict[str, Any] = {
    "description": "Redirect",
    "headers": {"Location": {"schema": {"type": "string", "format": "uri"}, "description": "Where to go."}},
    "content": {},
}
_REQUEST_ID: dict[str, Any] = {"schema": {"type": "string"}, "description": "Names this request in the log."}
_RATES: dict[str, Any] = {
    name: {"schema": {"type": kind}, "description": text}
    for name, kind, text in (
        ("Retry-After", "integer", "In how many seconds the next request is let through."),
        ("RateLimit-Limit", "integer", "How many requests a window lets through."),
        ("RateLimit-Remaining", "integer", "How many of them are left: none."),
        ("RateLimit-Reset", "integer", "In how many seconds the window ends."),
        ("RateLimit-Policy", "string", "The limit and its window: `300;w=10`."),
    )
}
_HEAD_TOO_LARGE: dict[str, Any] = {"description": "Address and headers are larger than 32 kB; no content."}

DESCRIPTION = """The one door through which enterprise customers enter MemberPulse: single sign-on over WorkOS,
sessions, access tokens that every other MemberPulse service verifies offline, and the tenants behind them.

Errors are `application/problem+json` (RFC 9457) with a stable `code`, a `remedy` and a `request_id`.
Lists use WorkOS's envelope with opaque cursors. Ids are UUIDs; WorkOS's ids are accepted wherever one is named.
"""


# What each group of routes is for; Swagger UI and Redoc show them in this order.
TAGS: Final = {
    "sign-in": "Signing in through an organization's identity provider, in a browser.",
    "sessions": "One's own session, the tokens minted from it, introspection and revocation.",
    "well-known": "Keys and metadata for whoever verifies tokens (RFC 7517, RFC 8414).",
    "organizations": "Tenants and their WorkOS organizations.",
    "connections": "SSO connections, as WorkOS has them.",
    "sign-in settings": "How an organization's people sign in: policy, configuration, attributes, tests.",
    "directories": "The mirror of customers' directories, and the full syncs that keep it true.",
    "role mappings": "Which group gives which role.",
    "users": "A tenant's people: state, roles and why, sessions.",
    "diagnostics": "Why somebody can, or cannot, sign in.",
    "portal": "Links into WorkOS's Admin Portal.",
    "webhooks": "WorkOS's deliveries, and the inbox that they are kept in.",
    "audit": "What was done, by whom.",
    "service clients": "Credentials of backend services.",
    "settings": "Platform settings: WorkOS's credentials, checked before they are saved.",
    "status": "Whether it works, and what to do when it does not.",
}
_CONTACT: Final = {"name": "MemberPulse platform team"}
_LICENSE: Final = {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"}


def install(app: FastAPI) -> None:
    """Make `/openapi.json` complete: the problem's schema, no validation error of FastAPI's own."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            components = schema.setdefault("components", {})
            components["headers"] = {"RequestId": _REQUEST_ID}
            schemas = components.setdefault("schemas", {})
            schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schema["info"] |= {"contact": _CONTACT, "license": _LICENSE}
            schema["servers"] = [{"url": "/", "description": "The gateway that serves this document."}]
            schema["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
            for operations in schema["paths"].values():
                for operation in operations.values():
                    _complete(operation)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema


def _complete(operation: dict[str, Any]) -> None:
    """Add what every route may answer: malformed, not our host, too often, our fault, a head beyond 32 kB (no body)."""
    operation.setdefault("security", [])  # said aloud: open to anybody
    responses = operation["responses"]
    for status, response in PROBLEMS(400, 421, 429, 500).items():
        responses.setdefault(str(status), response)
    for response in responses.values():
        response.setdefault("headers", {}).update({"X-Request-Id": {"$ref": "#/components/headers/RequestId"}})
    responses["429"].setdefault("headers", {}).update(_RATES)
    responses["431"] = _HEAD_TOO_LARGE
