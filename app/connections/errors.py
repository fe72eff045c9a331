"""Problems of connections."""

from app.problems import Problem


class ConnectionInactive(Problem):
    status = 403
    code = "connection_inactive"
    title = "Single sign-on is not active for this organization."
    remedy = "An administrator activates the connection in the WorkOS Dashboard or by the Admin Portal link."
