"""The bench of the documentation's samples: a key server, and every sample as a Subject."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import pytest

from tests.docs import node
from tests.docs.key_server import KeyServer, serving
from tests.docs.node import ROOT, Driver
from tests.docs.subjects import FastAPISubject, NodeSubject, PythonSubject, Subject
from tests.tokens.forge import RING


@dataclass(frozen=True, slots=True)
class Samples:
    """The Python samples, imported as somebody would who copied them."""

    keys: ModuleType
    token: ModuleType
    pyjwt: ModuleType
    python_jose: ModuleType
    fastapi: ModuleType


@pytest.fixture(scope="session")
def samples() -> Iterator[Samples]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "docs/samples/python"), *sys.path])
        patch.setenv("MEMBERPULSE_ISSUER", "https://auth.memberpulse.example")
        names = ("keys", "token", "pyjwt", "jose", "fastapi")
        yield Samples(*(import_module(f"memberpulse_{name}") for name in names))


@pytest.fixture(scope="session")
def node_driver() -> Iterator[Driver]:
    found = node.find()
    node.install(found)
    with node.driving(found) as driver:
        yield driver


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with serving(RING) as running:
        yield running


@pytest.fixture
def fastapi_sample(server: KeyServer, samples: Samples) -> FastAPISubject:
    return FastAPISubject(server, samples.keys, samples.fastapi)


@pytest.fixture(params=["python-jose", "PyJWT", "FastAPI", "Node"])
def subject(request: pytest.FixtureRequest, server: KeyServer, samples: Samples) -> Subject:
    match request.param:
        case "python-jose":
            return PythonSubject(server, samples.keys, samples.token, samples.python_jose.verify)
        case "PyJWT":
            return PythonSubject(server, samples.keys, samples.token, samples.pyjwt.verify)
        case "FastAPI":
            return request.getfixturevalue("fastapi_sample")
        case _:
            return NodeSubject(server, request.getfixturevalue("node_driver"))
