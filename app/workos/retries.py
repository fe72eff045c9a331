"""Retry budget: second tries are a share of all calls, so that an outage is not made worse by us."""


class RetryBudget:
    """Every call saves up part of a second try; a second try spends a whole one (threats.md G3)."""

    def __init__(self, *, share: float = 0.1, most: float = 5.0) -> None:
        """Take the second tries earned per call, and how many may be saved up."""
        self._share = share
        self._most = most
        self._saved = 1.0

    def earn(self) -> None:
        """Count one call."""
        self._saved = min(self._saved + self._share, self._most)

    def spend(self) -> bool:
        """Return whether a second try may be made, and count it."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True
