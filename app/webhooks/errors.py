"""Problems of deliveries and of the inbox."""

from app.problems import Problem


class WebhookSignatureInvalid(Problem):
    status = 401
    code = "webhook_signature_invalid"
    title = "This delivery is not signed with a webhook secret of ours."
    remedy = "Check that the endpoint's secret in the WorkOS Dashboard is one of WORKOS_WEBHOOK_SECRET."


class WebhookTimestampStale(Problem):
    """Genuine, but signed too long ago or ahead: it may be somebody's recording (threats.md D2)."""

    status = 401
    code = "webhook_timestamp_stale"
    title = "This delivery was signed more than 180 seconds ago, or ahead of time."
    remedy = "Nothing is lost: it is asked for at WorkOS's Events API. Check the clocks if it goes on."


class EventNotReplayable(Problem):
    status = 409
    code = "webhook_event_not_replayable"
    title = "This event cannot be replayed."
    remedy = "It is waiting to be applied already, or its payload is older than 14 days and gone."
