"""The fourteen callback errors: each has words of its own, none repeats WorkOS's."""

import pytest

from app.sso.callback_errors import BY_CODE, LoginRefused, refusal
from sandbox.callback_errors import CALLBACK_ERRORS


def test_all_fourteen_and_no_other() -> None:
    assert set(BY_CODE) == set(CALLBACK_ERRORS)
    assert len(BY_CODE) == 14


def test_each_has_its_own_code_title_and_remedy() -> None:
    for told in ("code", "title", "remedy"):
        assert len({getattr(problem, told) for problem in BY_CODE.values()} | {getattr(LoginRefused, told)}) == 15


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_the_problem_is_named_after_the_error_and_says_what_to_do(code: str) -> None:
    problem = refusal(code)
    assert problem.code == f"login_{code}"
    assert problem.status in {403, 502}
    assert problem.detail is None
    assert CALLBACK_ERRORS[code] not in (problem.title, problem.remedy)


def test_invalid_connection_says_what_to_check() -> None:
    """The seed's troubleshooting table: activated, correct connection id, redirect URI matches exactly."""
    problem = refusal("connection_invalid")
    for words in ("activated", "connection id", "redirect URI matches exactly"):
        assert words in problem.remedy


@pytest.mark.parametrize("code", ["", "x", "ACCESS_DENIED", "<script>alert(1)</script>", "__class__"])
def test_an_unheard_of_error_is_not_repeated(code: str) -> None:
    problem = refusal(code)
    assert type(problem) is LoginRefused
    assert not code or code not in f"{problem.title}{problem.remedy}{problem.detail}{problem.extra}"
