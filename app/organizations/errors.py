"""Problems of tenants."""

from app.problems import Problem


class OrganizationUnknown(Problem):
    status = 404
    code = "organization_unknown"
    title = "No organization signs in under that name."
    remedy = "Check the address you were given, or ask your administrator for your company's sign-in link."


class OrganizationSuspended(Problem):
    status = 403
    code = "organization_suspended"
    title = "This organization's access to MemberPulse is suspended."
    remedy = "Ask your administrator, or MemberPulse support, about the suspension."


class OrganizationAlreadyLinked(Problem):
    status = 409
    code = "organization_already_linked"
    title = "This WorkOS organization is linked to another tenant already."
    remedy = "Read the list of organizations; link each WorkOS organization once."


class VersionOutdated(Problem):
    status = 412
    code = "version_outdated"
    title = "The object was changed since you read it."
    remedy = "Read it again and repeat the change with the new ETag in If-Match."
