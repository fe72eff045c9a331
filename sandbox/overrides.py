"""What a test ordered for coming logins: an error instead of a code, or a changed profile."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class LoginError:
    """The next logins end in this callback error. No connection: at any. `times` None: until removed."""

    code: str
    connection_id: str | None = None
    times: int | None = 1


@dataclass(kw_only=True)
class ProfileOverride:
    """The next profiles handed out at `/sso/token` are changed: keys set, keys removed, or replaced as a whole."""

    profile: dict[str, Any]
    remove: list[str] = field(default_factory=list[str])
    replace: bool = False
    connection_id: str | None = None
    times: int | None = 1

    def apply(self, profile: dict[str, Any]) -> dict[str, Any]:
        """Return the changed copy of a profile."""
        changed = dict(self.profile) if self.replace else {**profile, **self.profile}
        return {key: value for key, value in changed.items() if key not in self.remove}


def take_error(orders: list[LoginError], connection_id: str | None) -> str | None:
    """Return the error ordered for this login, counting it off; None when the login may succeed."""
    for order in orders:
        if order.connection_id in (None, connection_id):
            _count_off(orders, order)
            return order.code
    return None


def take_override(orders: list[ProfileOverride], connection_id: str, profile: dict[str, Any]) -> dict[str, Any]:
    """Return the profile as ordered for this exchange, counting the order off."""
    for order in orders:
        if order.connection_id in (None, connection_id):
            _count_off(orders, order)
            return order.apply(profile)
    return profile


def _count_off(orders: list[Any], order: LoginError | ProfileOverride) -> None:
    if order.times is None:
        return
    order.times -= 1
    if order.times <= 0:
        orders.remove(order)
