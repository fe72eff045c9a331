"""The shared vectors of `clients/vectors/`: the Node sample says of every token what the gateway says."""

import json
from typing import Any

from tests.docs.node import ROOT, Driver


def test_the_node_sample_agrees(node_driver: Driver) -> None:
    vectors: dict[str, Any] = json.loads((ROOT / "clients/vectors/vectors.json").read_text())
    said = node_driver.verify_vectors(vectors)
    assert len(said) == len(vectors["tokens"]) > 80
    verdicts = {"invalid": "bad"}
    found = {
        case["name"]: "good" if isinstance(one, dict) else verdicts.get(str(one), one)
        for case, one in zip(vectors["tokens"], said, strict=True)
    }
    assert found == {case["name"]: case["verdict"] for case in vectors["tokens"]}
