"""Problems of looking at alerts."""

from app.problems import Problem


class OwnAlert(Problem):
    status = 403
    code = "own_alert"
    title = "This alert is about you, or about what you did."
    remedy = (
        "Somebody else who operates MemberPulse has to look at it. It closes by itself after a day without another."
    )


class AlertHappenedAgain(Problem):
    status = 409
    code = "alert_happened_again"
    title = "It has happened again since you looked."
    remedy = "Look at it once more."
