# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""The API document: it is what the code serves, and it can be built against."""

import json
import re
from pathlib import Path
from typing import Any

from app.config import Config
from app.main import create_app

FILE = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"
SERVED = create_app(Config(environment="test")).openapi()
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (method.upper(), path, operation)
    for path, operations in SERVED["paths"].items()
    for method, operation in operations.items()
]


def references(node: Any) -> set[str]:  # noqa: ANN401 -- JSON
    """Return every `$ref` under a node."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set[str]()
        return own.union(*(references(value) for value in node.values()))
    return set[str]().union(*(references(value) for value in node)) if isinstance(node, list) else set()


def test_the_file_is_what_the_code_serves() -> None:
    assert json.loads(FILE.read_text()) == SERVED, "run `make openapi` and read the difference"


def test_operation_ids_are_unique_and_readable() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name)] == []


def test_everything_referenced_exists() -> None:
    found = references(SERVED)
    assert "#/components/schemas/ProblemDocument" in found
    for reference in found:
        node: Any = SERVED
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_every_error_is_a_problem_document() -> None:
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    for method, path, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            if int(status) >= 400 and status != "431" and path != "/readyz":
                assert response["content"] == schema, f"{method} {path} {status}"


def test_every_operation_is_told_in_words() -> None:
    bare = [
        f"{method} {path}"
        for method, path, operation in OPERATIONS
        if not (operation.get("summary") and operation.get("description") and operation.get("tags"))
    ]
    assert bare == []


def test_every_protected_operation_names_its_credential_and_its_401() -> None:
    for method, path, operation in OPERATIONS:
        if path.startswith("/api/"):
            assert operation["security"] == [{"access_token": []}], f"{method} {path}"
            assert {"401", "403"} <= set(operation["responses"]), f"{method} {path}"
