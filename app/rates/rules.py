"""Rules: how many requests of a kind one caller may make in how many seconds, in one visible list."""

from dataclasses import dataclass, field
from typing import Final

from limits import RateLimitItem, parse


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit. `said` is its sentence, `counted` its figures as `limits` writes them: `300/10 seconds`."""

    name: str
    counted: str
    said: str
    item: RateLimitItem = field(init=False)
    amount: int = field(init=False)
    seconds: int = field(init=False)

    def __post_init__(self) -> None:
        item = parse(self.counted)
        object.__setattr__(self, "item", item)
        object.__setattr__(self, "amount", item.amount)
        object.__setattr__(self, "seconds", item.get_expiry())


# By address. A company's people may share one: what a limit allows is more than they do, and less than a flood.
LOGINS: Final = Rule("logins", "300/10 seconds", "Sign-ins begun from one address.")
CALLBACKS: Final = Rule("callbacks", "600/10 seconds", "Sign-ins finished from one address.")
DISCOVERIES: Final = Rule("discoveries", "600/10 seconds", "Questions of how somebody signs in, from one address.")
ONE_TIME_TOKENS: Final = Rule("one_time_tokens", "100/10 seconds", "Emergency sign-ins from one address.")
SESSIONS: Final = Rule("sessions", "10000/10 seconds", "Requests about sessions and tokens from one address.")
DELIVERIES: Final = Rule("deliveries", "50000/10 seconds", "Webhook deliveries from one address.")
SERVICES: Final = Rule("services", "50000/10 seconds", "Requests of backend services from one address.")
API: Final = Rule("api", "10000/10 seconds", "API requests from one address.")
OTHERS: Final = Rule("others", "3000/10 seconds", "Other requests from one address.")
# By whom it is about, or who asks.
LOGINS_OF_ORGANIZATION: Final = Rule(
    "logins_of_organization", "3000/10 seconds", "Sign-ins begun for one organization."
)
READS: Final = Rule("reads", "3000/10 seconds", "API reads of one person.")
WRITES: Final = Rule("writes", "600/10 seconds", "API changes of one person.")
PORTAL_LINKS: Final = Rule("portal_links", "10/minute", "Admin Portal links for one person.")
CONFIGURATIONS: Final = Rule("configurations", "30/minute", "Identity providers configured by one person.")
VERIFICATIONS: Final = Rule("verifications", "10/minute", "Verifications of the record by one person.")
INTROSPECTIONS: Final = Rule("introspections", "50000/10 seconds", "Tokens introspected or revoked by one client.")

RULES: Final = (
    LOGINS, CALLBACKS, DISCOVERIES, ONE_TIME_TOKENS, SESSIONS, DELIVERIES, SERVICES, API, OTHERS,
    LOGINS_OF_ORGANIZATION, READS, WRITES, PORTAL_LINKS, CONFIGURATIONS, VERIFICATIONS, INTROSPECTIONS,
)  # fmt: skip
