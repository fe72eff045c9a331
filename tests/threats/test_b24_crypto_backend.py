"""B24: python-jose must sign with the cryptography package, not with pure Python (CVE-2024-23342)."""

import subprocess
import sys

from app.tokens.access_token import require_cryptography_backend

FORCED_NATIVE = """
import sys
sys.modules["jose.backends.cryptography_backend"] = None
from app.tokens.access_token import require_cryptography_backend
require_cryptography_backend()
"""


def test_b24_backend_is_cryptography() -> None:
    require_cryptography_backend()


def test_b24_start_with_pure_python_is_refused() -> None:
    forced = subprocess.run(  # noqa: S603 -- our own interpreter and text
        [sys.executable, "-c", FORCED_NATIVE], capture_output=True, text=True, check=False, timeout=60
    )
    assert forced.returncode != 0
    assert "RuntimeError: python-jose uses jose.backends." in forced.stderr
    assert "install python-jose[cryptography]" in forced.stderr
