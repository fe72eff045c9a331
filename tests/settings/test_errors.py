"""What the settings refuse is said to people: the console shows these sentences as they are."""

import re

import pytest

from app.problems import Problem
from app.settings import errors

OF_THE_API = re.compile(r"`|\{|\b(GET|POST|PUT|PATCH|DELETE)\b|/api/|\b[a-z]+_[a-z_]+\b")
PROBLEMS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Problem)]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_refusal_names_no_field_and_no_route_of_the_api(problem: type[Problem]) -> None:
    assert not OF_THE_API.search(f"{problem.title} {problem.remedy}")
