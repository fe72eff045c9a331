"""The limiter of one process: windows, what it remembers, whom an address counts for, what a refusal says."""

import pytest

from app.kit.registry import REGISTRY
from app.problems import RateLimited
from app.rates.limiter import Limiter, caller_of, refusal
from app.rates.memory import Windows
from app.rates.rules import RULES, Rule
from tests.logs import logged

TWO = Rule("two", "2/10 seconds", "Requests of a test.")


class Hands:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


async def refused(limiter: Limiter, rule: Rule, caller: str) -> RateLimited | None:
    try:
        await limiter.require(rule, caller)
    except RateLimited as problem:
        return problem
    return None


async def test_within_the_limit_nobody_notices_and_beyond_it_only_that_caller() -> None:
    limiter = Limiter(Hands())
    assert [bool(await refused(limiter, TWO, "ada")) for _ in range(4)] == [False, False, True, True]
    assert await refused(limiter, TWO, "bob") is None
    assert await refused(limiter, Rule("other", "2/10 seconds", "Others."), "ada") is None


async def test_a_window_ends_and_who_waited_as_told_is_let_through() -> None:
    now = Hands()
    limiter = Limiter(now)
    for _ in range(2):
        await limiter.require(TWO, "ada")
    now.at += 3.2
    problem = await refused(limiter, TWO, "ada")
    assert problem is not None
    assert problem.headers["Retry-After"] == "7"
    now.at += 6.7
    assert await refused(limiter, TWO, "ada") is not None, "a little too early"
    now.at += 0.2
    assert [bool(await refused(limiter, TWO, "ada")) for _ in range(3)] == [False, False, True]


async def test_a_clock_that_is_set_back_keeps_nobody_out_until_then() -> None:
    now = Hands()
    limiter = Limiter(now)
    for _ in range(3):
        await refused(limiter, TWO, "ada")
    now.at -= 600
    assert [bool(await refused(limiter, TWO, "ada")) for _ in range(3)] == [False, False, True]
    now.at += 10
    assert await refused(limiter, TWO, "ada") is None


async def test_refusals_do_not_prolong_the_wait() -> None:
    now = Hands()
    limiter = Limiter(now)
    for _ in range(50):
        await refused(limiter, TWO, "ada")
        now.at += 0.19
    now.at += 0.6
    assert await refused(limiter, TWO, "ada") is None


async def test_switched_off_it_counts_nothing() -> None:
    limiter = Limiter(Hands(), on=False)
    for _ in range(10):
        await limiter.require(TWO, "ada")
    assert len(limiter.windows) == 0


async def test_what_it_remembers_is_bounded_and_the_oldest_goes_first() -> None:
    windows = Windows(most=100)
    for number in range(10_000):
        windows.add("r", f"2001:db8::{number}", 10, 1_000.0 + number / 1_000)
    assert len(windows) == 100
    assert windows.add("r", "2001:db8::9999", 10, 1_010.0)[0] == 2, "still known"
    assert windows.add("r", "2001:db8::0", 10, 1_010.0)[0] == 1, "forgotten"


async def test_a_window_that_began_anew_is_the_youngest() -> None:
    windows = Windows(most=2)
    windows.add("r", "a", 10, 0)
    windows.add("r", "b", 10, 1)
    windows.add("r", "a", 10, 11)
    windows.add("r", "c", 10, 11)
    assert windows.add("r", "a", 10, 12)[0] == 2
    assert len(windows) == 2


async def test_a_flood_is_one_line_of_log_and_counted() -> None:
    before = REGISTRY.get_sample_value("gateway_rate_limited_total", {"rule": "two"}) or 0
    limiter = Limiter(Hands())
    with logged() as log:
        for _ in range(1_000):
            await refused(limiter, TWO, "203.0.113.9")
    (line,) = log.of("rates.caller.limited")
    assert (line["rule"], line["caller"]) == ("two", "203.0.113.9")
    assert REGISTRY.get_sample_value("gateway_rate_limited_total", {"rule": "two"}) == before + 998


def test_a_refusal_says_how_long_and_what_the_limit_is() -> None:
    problem = refusal(TWO, 0.01)
    assert (problem.status, problem.code) == (429, "rate_limited")
    assert problem.headers == {
        "Retry-After": "1",
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "1",
        "RateLimit-Policy": "2;w=10",
    }
    assert problem.detail == "Requests of a test. At most 2 in 10 s."


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", "no:address"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_for_its_household(address: str, caller: str) -> None:
    assert caller_of(address) == caller


def test_every_rule_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.said.endswith(".")
        assert 1 <= rule.seconds <= 60
        assert rule.amount >= 10
