"""The page's code blocks: a marker names the file of each; `python -m tests.docs.page` copies the files into them."""

import re
from pathlib import Path

from tests.docs.node import ROOT

PAGE = ROOT / "docs/validate-tokens.md"
SAMPLES = ROOT / "docs/samples"

_BLOCK = re.compile(r"<!-- file: (?P<path>\S+) -->\n```(?P<language>\w+)\n(?P<text>.*?)```\n", re.DOTALL)


def shown(page: str) -> dict[str, str]:
    """Return path -> text of every file that the page shows; raises ValueError when one is shown twice."""
    blocks = [(block["path"], block["text"]) for block in _BLOCK.finditer(page)]
    if len(dict(blocks)) != len(blocks):
        raise ValueError("a file is shown twice")
    return dict(blocks)


def refreshed(page: str, *, folder: Path = PAGE.parent) -> str:
    """Return the page with every block as its file is now; raises FileNotFoundError for a file that is not there."""

    def block(found: re.Match[str]) -> str:
        text = (folder / found["path"]).read_text()
        return f"<!-- file: {found['path']} -->\n```{found['language']}\n{text}```\n"

    return _BLOCK.sub(block, page)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
