"""What is forwarded: every action of a tenant has its line, and an event is told with what stands there and no more."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.audit.forwarded import ACTIONS, KEPT_HERE, entry
from app.audit.service import MANUAL_ROLES_CHANGED
from app.kit.rows import Row
from app.settings import rotation
from app.sso.policies import CHANGED
from tests.house.test_rules import APP

OWNER = UUID(int=7)
WITHHELD = {"link_sha256"}
"""A link's hash is of use beside the record alone."""
PLATFORMS = {
    "break_glass.token_made", "break_glass.used", "encryption_key.changed", "service_client.created",
    "service_client.revoked", "service_client.rotated", "settings.changed", *rotation.ACTIONS.values(),
}  # fmt: skip
"""Of the platform's own record, which is no tenant's."""
NAMED = {"CHANGED": CHANGED, "MANUAL_ROLES_CHANGED": MANUAL_ROLES_CHANGED, "_COMPLETED": "sso.login.completed"}
_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_WRITES = {"record", "prepare", "Deed", "_record", "_Deed"}


def _recorded() -> dict[str, set[str]]:
    """Return every action that the code records, with the metadata that it names there."""
    found: dict[str, set[str]] = {}
    for path in sorted(Path(APP).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and _name(call.func) in _WRITES:
                told = {keyword.arg for keyword in call.keywords if keyword.arg} - {"targets", "actor", "metadata"}
                for action in _actions(call):
                    found.setdefault(action, set()).update(told)
    return found


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _actions(call: ast.Call) -> set[str]:
    words = {
        node.value if isinstance(node, ast.Constant) else NAMED.get(_name(node))
        for argument in call.args[:3]
        for node in ast.walk(argument)
    }
    return {word for word in words if isinstance(word, str) and _ACTION.fullmatch(word)}


def test_every_action_that_is_recorded_is_forwarded_or_kept_on_purpose() -> None:
    recorded = _recorded()
    assert len(recorded) > 30
    assert set(recorded) - PLATFORMS == {*ACTIONS, *KEPT_HERE}
    for action, named in recorded.items():
        if action in ACTIONS:
            assert named <= {*ACTIONS[action].metadata, *WITHHELD}, action


def test_every_action_can_be_looked_for_in_the_console() -> None:
    text = (APP.parent / "console/src/pages/audit/actions.ts").read_text()
    lists = {
        name: set(re.findall(r'"([a-z_.]+)"', told))
        for name, told in re.findall(r"(OF_\w+) = \[(.*?)\]", text, re.DOTALL)
    }
    assert lists == {"OF_ORGANIZATIONS": {*ACTIONS, *KEPT_HERE}, "OF_THE_PLATFORM": PLATFORMS}


def test_schemas_are_as_workos_takes_them() -> None:
    for action, shape in ACTIONS.items():
        assert _ACTION.fullmatch(action)
        assert shape.targets
        assert len(shape.metadata) <= 50
        assert all(len(name) <= 40 for name in shape.metadata)


def row(action: str, metadata: str = "{}", targets: str = "[]", ip: str | None = None) -> Row:
    at = datetime(2026, 11, 28, 10, tzinfo=UTC)
    return {
        "action": action, "metadata": metadata, "targets": targets, "ip": ip, "user_agent": None, "occurred_at": at,
        "actor_type": "system", "actor_id": "gateway",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "told", "sent"),
    [
        ("portal.link.created", '{"intent": "sso", "link_sha256": "ab"}', {"intent": "sso"}),
        ("user.manual_roles_changed", '{"roles": ["A", "B"], "before": []}', {"roles": '["A","B"]', "before": "[]"}),
        ("connection.certificate_expiring", '{"days": 7, "expires_at": null}', {"days": "7"}),
        ("session.ended", '{"reason": "' + "x" * 900 + '", "email": "ada@x"}', {"reason": "x" * 500}),
    ],
)
def test_metadata_is_what_the_table_names_in_texts_that_fit(action: str, told: str, sent: dict[str, str]) -> None:
    assert entry(row(action, told), OWNER).metadata == sent


def test_there_is_always_a_target_and_a_place() -> None:
    told = entry(row("sso.login.failed", '{"problem": "x"}'), OWNER)
    assert told.targets == (("organization", str(OWNER)),)
    assert told.location == "gateway"
    named = entry(row("session.ended", targets='[{"type": "session", "id": "s1"}]', ip="203.0.113.7"), OWNER)
    assert named.targets == (("session", "s1"),)
    assert named.location == "203.0.113.7"
