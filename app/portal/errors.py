"""Problems of Admin Portal links."""

from app.problems import Problem


class OrganizationNotLinked(Problem):
    status = 409
    code = "organization_not_linked"
    title = "This organization is not linked to WorkOS, so it has no Admin Portal."
    remedy = "A platform administrator links it to a WorkOS organization first; then ask for the link again."


class PortalReturnNotAllowed(Problem):
    status = 422
    code = "portal_return_not_allowed"
    title = "An address to return to from the Admin Portal is not ours."
    remedy = "Use https URLs on APP_URL, PUBLIC_URL or APP_ORIGINS (http on localhost only), or leave them out."
