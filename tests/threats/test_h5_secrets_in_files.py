"""H5: no credential is in a file that is or would be committed, and one that is put there is found."""

from pathlib import Path

import pytest

from checks import secret_scan

# In pieces, so that this file holds no credential either.
PRIVATE_KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n"
LIVE_KEY = 'api_key = "sk_' + 'live_51H8xYzAbCdEfGhIjKlMnOpQrS"\n'
NAMED = 'password = "' + 'correct-horse-battery-staple"\n'
RANDOM = 'value = "' + 'q9X2vL7mZt4Kp8Rw1Ys6Bd3Nf5Hj0Gc="\n'


def test_h5_repository_holds_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    assert secret_scan.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize("secret", [PRIVATE_KEY, LIVE_KEY, NAMED, RANDOM])
def test_h5_secret_is_found(secret: str, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(secret)
    found = secret_scan.unknown(secret_scan.scan([Path("settings.py")], root=tmp_path), {})
    assert found
    assert all(line.startswith("settings.py:1: ") for line in found)


@pytest.mark.parametrize(("text", "is_found"), [(PRIVATE_KEY, True), (LIVE_KEY, True), (NAMED, False)])
def test_h5_tests_may_make_up_passwords_but_not_hold_real_keys(text: str, is_found: bool, tmp_path: Path) -> None:  # noqa: FBT001 -- a column of the table
    (tmp_path / "test_x.py").write_text(text)
    found = secret_scan.scan([Path("test_x.py")], *secret_scan.MADE_UP_OPTIONS, root=tmp_path)
    assert bool(secret_scan.unknown(found, {})) == is_found


def test_h5_baseline_knows_one_text_in_one_file() -> None:
    known: secret_scan.Found = {"type": "Private Key", "filename": "a.py", "hashed_secret": "1", "line_number": 4}
    other: secret_scan.Found = {**known, "hashed_secret": "2"}
    assert secret_scan.unknown({"a.py": [{**known, "line_number": 9}]}, {"a.py": [known]}) == []
    assert secret_scan.unknown({"a.py": [other]}, {"a.py": [known]}) == ["a.py:4: Private Key"]
    assert secret_scan.unknown({"b.py": [known]}, {"a.py": [known]}) == ["b.py:4: Private Key"]
