"""Whether a redirect URI is registered: exactly, or by a pattern whose `*` stands for one host label or port."""

import re


def is_registered(patterns: list[str], uri: str) -> bool:
    """Tell whether a URI matches one of the registered ones."""
    return any(uri == pattern or ("*" in pattern and _regex(pattern).fullmatch(uri)) for pattern in patterns)


def _regex(pattern: str) -> re.Pattern[str]:
    """`*` never crosses a dot, a colon or a slash: `https://*.example.com` must not match `https://evil.com/.example.com`."""
    return re.compile("[A-Za-z0-9-]+".join(re.escape(part) for part in pattern.split("*")))
