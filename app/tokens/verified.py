"""VerifiedTokens: a bounded memory of tokens already verified, because a signature costs a hundred times a look-up."""

from datetime import datetime

from app.tokens import access_token
from app.tokens.claims import AccessToken, require_in_time
from app.tokens.keyring import Keys


class VerifiedTokens:
    """Verifies each token once per keyring. Only good tokens are kept, so garbage cannot push them out.

    Two generations of `capacity // 2` tokens: when the young one is full it becomes the old one and the old one is
    dropped whole, so that forgetting costs nothing per request. Not for several threads at once.
    """

    __slots__ = ("_audience", "_half", "_issuer", "_keyring", "_keys", "_old", "_young")

    def __init__(self, keys: Keys, *, issuer: str, audience: str, capacity: int = 10_000) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._half = max(1, capacity // 2)
        self._keyring = keys.current
        self._young: dict[str, AccessToken] = {}
        self._old: dict[str, AccessToken] = {}

    def verify(self, token: str, now: datetime) -> AccessToken:
        """Return what `token` says at `now`; raises TokenInvalid. Whether its session lives is another question."""
        if self._keys.current is not self._keyring:
            self._forget()
        known = self._young.get(token)
        if known is None:
            return self._recall_or_verify(token, now)
        require_in_time(known, now)
        return known

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def _recall_or_verify(self, token: str, now: datetime) -> AccessToken:
        known = self._old.pop(token, None)
        if known is None:
            known = access_token.verify(
                token, keyring=self._keyring, issuer=self._issuer, audience=self._audience, now=now
            )
        else:
            require_in_time(known, now)
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[token] = known
        return known

    def _forget(self) -> None:
        # A key that was compromised or retired must take its tokens with it (threats.md B13).
        self._keyring = self._keys.current
        self._young, self._old = {}, {}
