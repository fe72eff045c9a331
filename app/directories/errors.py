"""Problems of directories and their full syncs."""

from app.problems import Problem


class SyncAlreadyRunning(Problem):
    status = 409
    code = "sync_already_running"
    title = "A sync of this directory is already running."
    remedy = "Wait for it to finish, or look at its progress."


class SyncNotConfirmable(Problem):
    status = 409
    code = "sync_not_confirmable"
    title = "This run is not waiting for a confirmation."
    remedy = "Only a finished preview, or a run that was held, can be confirmed. Start a new run otherwise."


class SyncPlanStale(Problem):
    status = 409
    code = "sync_plan_stale"
    title = "The directory has been read again since this plan was made."
    remedy = "Look at the newer run, or make a new preview and confirm that one."


class SyncEnded(Problem):
    status = 409
    code = "sync_ended"
    title = "This run has already ended."
    remedy = "Start a new run to read the directory again."


class SyncNeedsConfirmation(Problem):
    """Not answered to a request: what a held run says of itself."""

    status = 409
    code = "sync_needs_confirmation"
    title = "This run would take away the access of many people, or of the last administrator."
    remedy = "Look at its plan. Confirm it if it is right; otherwise cancel it and check the directory."


class DirectoryNotLinked(Problem):
    status = 409
    code = "directory_not_linked"
    title = "This directory is not linked to WorkOS."
    remedy = "Connect the directory again in the Admin Portal, then start the sync."
