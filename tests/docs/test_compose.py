"""compose.yaml: its services run verbs that exist, with settings that exist, and no more rights than they need."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli import _parser  # pyright: ignore[reportPrivateUsage] -- the verbs as they are
from app.config import Config

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "memberpulse-auth"}


def test_there_are_two_of_each() -> None:
    assert {name: OURS[name]["deploy"]["replicas"] for name in ("api", "worker")} == {"api": 2, "worker": 2}
    assert {"postgres", "redis", "migrate"} < COMPOSE["services"].keys()


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_verb_that_exists(name: str) -> None:
    _, *words = OURS[name].get("command", ["memberpulse-auth", "serve"])
    assert callable(_parser().parse_args(words).run)


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_what_the_gateway_reads(name: str) -> None:
    known = {field.upper() for field in Config.model_fields}
    assert OURS[name]["environment"].keys() <= known


@pytest.mark.parametrize("name", OURS)
def test_a_service_may_write_nowhere_and_become_nobody(name: str) -> None:
    service = OURS[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_migrating_knows_the_owners_password() -> None:
    knows = {name for name, service in COMPOSE["services"].items() if "OWNER_DB_PASSWORD" in str(service)}
    assert knows == {"postgres", "migrate"}
