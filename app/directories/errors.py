"""Problems of directories and their full syncs."""

from app.problems import Problem


class SyncAlreadyRunning(Problem):
    status = 409
    code = "sync_already_running"
    title = "A sync of this directory is already running."
    remedy = "Wait for it to finish, or read its progress at the run's URL."


class SyncNotConfirmable(Problem):
    status = 409
    code = "sync_not_confirmable"
    title = "This run does not wait for a confirmation."
    remedy = "Confirm a completed plan or a run whose status is needs_confirmation; start a new run otherwise."


class SyncPlanStale(Problem):
    status = 409
    code = "sync_plan_stale"
    title = "The directory was read again since this plan was made."
    remedy = "Read the newer run, or ask for a new plan and confirm that one."


class SyncEnded(Problem):
    status = 409
    code = "sync_ended"
    title = "This run has ended already."
    remedy = "Start a new run if the directory is to be read again."


class SyncNeedsConfirmation(Problem):
    """Not answered to a request: what a held run says of itself."""

    status = 409
    code = "sync_needs_confirmation"
    title = "This run would take access from many people, or from the last administrator."
    remedy = "Read its plan; confirm it if it is right, or cancel it and look at the directory."


class DirectoryNotLinked(Problem):
    status = 409
    code = "directory_not_linked"
    title = "This directory is not linked to WorkOS."
    remedy = "Connect the directory again in the Admin Portal, then start the sync."
