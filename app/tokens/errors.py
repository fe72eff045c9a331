"""What can be wrong with a token or a key."""

from app.problems import Problem


class NotAuthenticated(Problem):
    """No credential, or none that we accept."""

    status = 401
    code = "not_authenticated"
    title = "You are not signed in."
    remedy = "Sign in again, or send a valid access token as `Authorization: Bearer`."

    def __init__(self, challenge: str = "Bearer") -> None:
        """Take the challenge that every 401 carries (RFC 9110 section 15.5.2)."""
        super().__init__(headers={"WWW-Authenticate": challenge})


class TokenInvalid(NotAuthenticated):
    """A token we do not accept. `reason` is for the log only: an answer that says what was wrong teaches forgers."""

    def __init__(self, reason: str) -> None:
        # RFC 6750 section 3.1: `error` is how a client tells a dead token from a missing one.
        super().__init__('Bearer error="invalid_token"')
        self.reason = reason


class SigningKeyMissing(Problem):
    """The keyring holds no active key whose private part we can open."""

    status = 503
    code = "signing_key_missing"
    title = "There is no active key to sign access tokens with."
    remedy = "An operator activates one with `memberpulse-auth keys`; try again afterwards."


class KeyUnsuitable(ValueError):  # noqa: N818 -- named for what happened, not ...Error (house.md)
    """Key material that must not be used: wrong curve, too short, or not the key that its kid names."""
