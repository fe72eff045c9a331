"""The curl lines of docs/sandbox.md do what they say."""

import json
import shlex
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.sandbox.conftest import Bench

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


def _commands() -> list[list[str]]:
    """Every indented curl line with its continuation, split as a shell does."""
    lines = PAGE.replace("\\\n", " ").splitlines()
    text = "\n".join(line.strip() for line in lines if line.startswith("    "))
    starts = [index for index in range(len(text)) if text.startswith("curl ", index)]
    ends = [*starts[1:], len(text)]
    return [shlex.split(text[start:end], comments=True) for start, end in zip(starts, ends, strict=True)]


def test_the_page_has_examples() -> None:
    assert len(_commands()) >= 15


async def test_examples_work_in_their_order(bench: Bench) -> None:
    for words in _commands():
        url = next(word for word in words if word.startswith("$C")).replace("$C", bench.control_url)
        body = words[words.index("-d") + 1] if "-d" in words else None
        method = words[words.index("-X") + 1] if "-X" in words else "POST" if body else "GET"
        headers = {"content-type": "application/json"} if body else {}
        answer = await bench.browser.request(method, url, content=body, headers=headers)
        assert answer.is_success, (words, answer.text)
    assert [fault.kind for fault in bench.twin.faults] == ["reset", "status", "status"]


def test_snippets_of_json_are_json() -> None:
    for words in _commands():
        if "-d" in words:
            json.loads(words[words.index("-d") + 1])


@pytest.mark.parametrize("name", ["Acme Okta", "Acme Okta Directory"])
def test_names_in_urls_are_the_seeds(bench: Bench, name: str) -> None:
    assert quote(name) in PAGE
    assert any(
        name == record.name
        for record in (*bench.twin.world.connections.values(), *bench.twin.world.directories.values())
    )
