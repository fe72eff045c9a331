"""Refusal: an error answer in the shape WorkOS gives it (its shapes are not uniform, and neither are these)."""

from typing import Any


class Refusal(Exception):  # noqa: N818 - named for what happened
    """An answer that is not a success: its status, JSON body and extra headers."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:  # noqa: ANN401
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def not_found(kind: str, record_id: str) -> Refusal:
    """404 for an object that is not there."""
    return Refusal(
        404, {"code": "entity_not_found", "message": f"{kind} not found: '{record_id}'.", "entity_id": record_id}
    )


def unauthorized() -> Refusal:
    """401 for a missing or wrong API key or access token."""
    return Refusal(401, {"error": "Unauthorized", "message": "Unauthorized"})


def invalid(message: str, **fields: str) -> Refusal:
    """422 with one entry per field: `invalid("…", name="required")`."""
    errors = [{"code": code, "field": name} for name, code in fields.items()]
    return Refusal(422, {"code": "invalid_request_parameters", "message": message, "errors": errors})


def bad_request(code: str, message: str) -> Refusal:
    """400 with a code."""
    return Refusal(400, {"code": code, "message": message})


def oauth(error: str, description: str) -> Refusal:
    """400 in OAuth's form, as `POST /sso/token` answers (RFC 6749 5.2)."""
    return Refusal(400, {"error": error, "error_description": description})
