"""Masks: what a form shows in the place of a secret that it does not have. Pure."""

import re
from typing import Final

# Nothing but the mask, and at most the secret's beginning and its end.
_MASKED: Final = re.compile(r"(sk_|whsec_)?(test_|live_)?([*•●]{3,}|[.…]+|[xX]{4,})\S{0,4}")


def is_masked(text: str) -> bool:
    """Return whether the text is what a form shows of a secret, and not the secret itself."""
    return _MASKED.fullmatch(text) is not None
