"""Which requests are limited by their caller's address, before any route sees them."""

from collections.abc import Mapping
from typing import Final

from app.http.answers import Answer, problem_answer, problem_page
from app.http.exchange import Exchange
from app.problems import RateLimited
from app.rates import rules
from app.rates.limiter import Limiter, caller_of
from app.rates.rules import Rule

_UNLIMITED: Final = frozenset({"/healthz", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server"})
"""Ready answers, which cost less than counting them."""
_BY_PATH: Final[Mapping[str, Rule]] = {
    "/auth/sso": rules.LOGINS,
    "/auth/sso/continue": rules.CALLBACKS,
    "/auth/callback/workos": rules.CALLBACKS,
    "/auth/discover": rules.DISCOVERIES,
    "/auth/break-glass": rules.ONE_TIME_TOKENS,
    "/auth/token": rules.SESSIONS,
    "/auth/logout": rules.SESSIONS,
    "/auth/session": rules.SESSIONS,
    "/auth/introspect": rules.SERVICES,
    "/auth/revoke": rules.SERVICES,
    "/auth/revocations": rules.SERVICES,
    "/webhooks/workos": rules.DELIVERIES,
}


def rule_of(path: str) -> Rule | None:
    """Return the rule that a path falls under; None where it is not limited."""
    rule = _BY_PATH.get(path)
    if rule is not None or path in _UNLIMITED:
        return rule
    if path.startswith("/api/"):
        return rules.API
    return rules.SESSIONS if path.startswith("/auth/sessions") else rules.OTHERS


class AddressLimits:
    """Refuses the addresses that ask too often. Behind proxies the address is the one that ours wrote (G13)."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    async def refusal(self, exchange: Exchange) -> Answer | None:
        """Count a request; return its refusal where its address came too often: a page for a browser, else JSON."""
        rule = rule_of(exchange.path)
        address = exchange.client_ip
        if rule is None or address is None:
            return None
        try:
            await self._limiter.require(rule, caller_of(address))
        except RateLimited as problem:
            if exchange.wants_html:
                query = exchange.scope["query_string"].decode("latin-1")
                again = f"{exchange.path}?{query}" if query else exchange.path
                return problem_page(problem, request_id=exchange.request_id, again=again)
            return problem_answer(problem, request_id=exchange.request_id, instance=exchange.path)
        return None
