"""Problems of service clients."""

from app.problems import Problem


class ClientUnknown(Problem):
    status = 401
    code = "invalid_client"
    title = "The service credentials are missing or wrong."
    remedy = "Send the client id and secret by HTTP Basic; an operator makes them at /api/service-clients."

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="memberpulse", charset="UTF-8"'})


class ScopeMissing(Problem):
    status = 403
    code = "insufficient_scope"
    title = "This service client may not do that."
    remedy = "Give the client the scope that the API documentation names for this route."


class TooManySecrets(Problem):
    status = 409
    code = "too_many_secrets"
    title = "This client has as many secrets in force as one may have."
    remedy = "Wait until an old one expires, or rotate with `overlap_seconds` 0, which ends all old ones at once."
