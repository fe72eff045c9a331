"""Which text in a program is SQL, and how it was put together."""

import ast
import re
from collections.abc import Iterator

_SQL = re.compile(
    r"^[\s(]*(?:select\s+(?!your\b).+|insert\s+into\s.+|update\s+.+\sset\s.+|delete\s+from\s.+"
    r"|with\s+\S+\s+as\s*(?:(?:not\s+)?materialized\s*)?\(.+"
    r"|(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:unlogged\s+|unique\s+)?"
    r"(?:table|index|role|user|database|schema|view|function|policy|type|sequence|trigger|extension)\b.*"
    r"|grant\s+.+|revoke\s+.+|truncate\s+.+|set\s+(?:local\s+|session\s+)?[\w.]+\s*(?:=|to\s|\{).*|set\s+role\s.+"
    r"|listen\s+.+|notify\s+.+|lock\s+table\s.+|copy\s+.+\s(?:from|to)\s.+)",
    re.IGNORECASE | re.DOTALL,
)
_HOLE = "{}"


def is_sql(text: str) -> bool:
    """Whether the text reads like one SQL statement (prose that merely starts with a verb should not)."""
    return bool(_SQL.match(text))


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of every string in the tree that is not a docstring; holes of f-strings read `{}`."""
    skipped = {id(node) for outer in ast.walk(tree) for node in _not_texts(outer)}
    for node in ast.walk(tree):
        if id(node) not in skipped and isinstance(node, ast.Constant | ast.JoinedStr):
            text = template(node)
            if text is not None:
                yield node.lineno, text


def assembled(node: ast.AST) -> str | None:
    """Return the text of a string that a value is pasted into: f-string, `%`, `.format()` or `+`; else None."""
    match node:
        case ast.JoinedStr():
            return template(node) if any(isinstance(part, ast.FormattedValue) for part in node.values) else None
        case ast.BinOp(left=left, op=ast.Mod() | ast.Add()):
            return _leftmost(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "format_map")):
            return template(value)
        case _:
            return None


def template(node: ast.AST) -> str | None:
    """Return the text of a string literal or f-string, its holes as `{}`; None for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_HOLE if isinstance(part, ast.FormattedValue) else template(part) or "" for part in values)
        case _:
            return None


def _leftmost(node: ast.AST) -> str | None:
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        node = node.left
    return template(node)


def _not_texts(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, and the pieces of an f-string (the f-string itself is the text)."""
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr):
            yield first.value
