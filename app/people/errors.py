"""Problems of changing people."""

from app.problems import Problem


class RemovedByDirectory(Problem):
    status = 409
    code = "person_removed_by_directory"
    title = "The company's directory does not let this person in."
    remedy = (
        "Assign MemberPulse to them in the directory. As soon as it says so, they are let in, or you can let them in."
    )


class LastAdministrator(Problem):
    status = 409
    code = "person_is_last_administrator"
    title = "This would leave the organization without an administrator."
    remedy = "Make somebody else an administrator first, or confirm that you mean it."


class OwnAccess(Problem):
    status = 403
    code = "own_access"
    title = "You cannot take away your own access."
    remedy = "Ask another administrator. To sign out everywhere, end your own sessions."
