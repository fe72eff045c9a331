"""The budget of unsolicited callbacks: 5/s in all, one per address per 2 s (contract.md)."""

import pytest

from app.problems import RateLimited
from app.sso import budget
from app.sso.budget import Budget


def is_granted(of: Budget, address: str | None, now: float) -> bool:
    try:
        of.spend(address, now)
    except RateLimited:
        return False
    return True


def test_a_refusal_says_when_to_come_back() -> None:
    spent = Budget()
    spent.spend("a", 0.0)
    with pytest.raises(RateLimited) as refused:
        spent.spend("a", 0.0)
    assert refused.value.headers == {"Retry-After": "2"}


def test_one_per_address_per_two_seconds() -> None:
    spent = Budget()
    moments = (0.0, 0.1, 1.99, 2.0, 3.9, 4.0)
    assert [is_granted(spent, "203.0.113.1", now) for now in moments] == [True, False, False, True, False, True]


def test_five_a_second_in_all() -> None:
    spent = Budget()
    granted = [is_granted(spent, f"203.0.113.{number}", 0.1 * number) for number in range(10)]
    assert granted == [True] * 5 + [False] * 5
    assert is_granted(spent, "203.0.113.99", 1.05)
    assert not is_granted(spent, "203.0.113.98", 1.05)


def test_a_refusal_costs_nothing() -> None:
    spent = Budget()
    assert is_granted(spent, "a", 0.0)
    assert not any(is_granted(spent, "a", 0.01 * number) for number in range(1, 50))
    assert all(is_granted(spent, f"b{number}", 0.5) for number in range(4))


def test_callers_without_an_address_share_one() -> None:
    spent = Budget()
    assert is_granted(spent, None, 0.0)
    assert not is_granted(spent, "", 1.0)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_ADDRESSES", 100)
    spent = Budget()
    for number in range(1000):
        assert is_granted(spent, f"address {number}", float(number))
    assert len(vars(spent)["_last"]) == 100
    assert len(vars(spent)["_spent"]) == 1
