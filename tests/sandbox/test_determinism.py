"""The same seed gives the same world, in this process and in the next one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from sandbox.login import issue_code
from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
TELL = """
import json
from sandbox.login import issue_code
from sandbox.server import Sandbox
twin = Sandbox.from_seed()
world = twin.world
codes = [issue_code(world, world.person("ada@acme.example"), world.connection("Acme Okta")) for _ in range(2)]
print(json.dumps([list(world.serials), codes, world.codes[codes[0]].profile]))
"""


def _tell(twin: Sandbox) -> list[object]:
    world = twin.world
    codes = [issue_code(world, world.person("ada@acme.example"), world.connection("Acme Okta")) for _ in range(2)]
    return [list(world.serials), codes, world.codes[codes[0]].profile]


def test_two_twins_of_one_seed_are_equal() -> None:
    assert _tell(Sandbox.from_seed()) == _tell(Sandbox.from_seed())


def test_another_process_agrees_byte_for_byte() -> None:
    told = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", TELL], cwd=ROOT, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "99"}
    )
    assert told.stdout.strip() == json.dumps(_tell(Sandbox.from_seed()))


def test_codes_differ_from_each_other() -> None:
    world = Sandbox.from_seed().world
    ada, okta = world.person("ada@acme.example"), world.connection("Acme Okta")
    assert len({issue_code(world, ada, okta) for _ in range(100)}) == 100


def test_random_seed_moves_every_id() -> None:
    one, other = Sandbox.from_seed(random_seed=1), Sandbox.from_seed(random_seed=2)
    assert not set(one.world.serials) & set(other.world.serials)


def test_requests_of_one_kind_do_not_move_ids_of_another() -> None:
    quiet, busy = Sandbox.from_seed(), Sandbox.from_seed()
    for _ in range(10):
        busy.world.ids.uuid("request")
    assert _tell(quiet) == _tell(busy)


def test_ids_chosen_in_a_seed_are_kept() -> None:
    seed = {
        "api_keys": ["k"],
        "client_id": "c",
        "default_redirect_uri": "http://localhost/cb",
        "organizations": [
            {"name": "A", "id": "org_a", "connections": [{"name": "C", "id": "conn_c"}], "generated_people": 3}
        ],
    }
    twin = Sandbox.from_seed(seed)
    assert twin.world.connection("conn_c").organization_id == "org_a"
    assert len(twin.world.people) == 3


def test_misspelt_seed_is_refused() -> None:
    with pytest.raises(ValidationError, match="clientid"):
        Sandbox.from_seed({"api_keys": ["k"], "clientid": "c", "default_redirect_uri": "x"})
