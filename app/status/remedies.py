"""Remedies: what to do about a finding, in the words of the integration guide's Troubleshooting where it has them.

People read them in the console: they name its pages, no routes and no fields. docs/status.md has those.
"""

from typing import Final

ADDRESSES: Final = (
    "3.217.146.166", "23.21.184.92", "34.204.154.149", "44.213.245.178", "44.215.236.82", "50.16.203.9", "52.1.251.34",
    "52.21.49.187", "174.129.36.47",
)  # fmt: skip
"""Where WorkOS's webhooks come from (workos.com/docs/events/data-syncing/webhooks)."""

CREDENTIALS_MISSING: Final = (
    "Set the API key and the client id on the page of the WorkOS settings, or as WORKOS_API_KEY and WORKOS_CLIENT_ID "
    "in the environment."
)
CREDENTIALS_REFUSED: Final = (
    "Check in the WorkOS Dashboard that the API key exists, that the client id is of the same environment, and "
    "that the key's list of allowed addresses, if it has one, holds ours. The page of the WorkOS settings "
    "replaces a key by a rotation."
)
UNREACHABLE: Final = (
    "Nothing needs to be done here while status.workos.com reports an outage: who is signed in stays so. "
    "Otherwise check that our machines may open connections to WORKOS_BASE_URL (DNS, proxy, firewall, "
    "certificates)."
)
NOT_ASKED: Final = "Start a worker (`memberpulse-auth worker`): it asks WorkOS every 30 seconds."
REDIRECT_URI: Final = (
    "Ensure redirect URIs match exactly: register {} in the WorkOS Dashboard (Applications, Redirects), or "
    "correct the redirect URI on the page of the WorkOS settings."
)
SIGNATURES_MISSING: Final = (
    "Check that the webhook secret is configured: copy it from the webhook endpoint in the WorkOS Dashboard into "
    "the WorkOS settings here, or set WORKOS_WEBHOOK_SECRET in the environment."
)
SIGNATURES_BROKEN: Final = (
    "Set the webhook secrets again on the page of the WorkOS settings, or give back the encryption key that sealed "
    "them."
)
SIGNATURES_WRONG: Final = (
    "Check that the webhook secret is configured correctly: it must be the one of the endpoint in the WorkOS "
    "Dashboard. While it rotates, set both. If WorkOS's own delivery log shows no refusals, somebody else sends "
    "to this address."
)
WEBHOOK_CLOCK: Final = (
    "Check the clocks of our machines and of the database (NTP). Nothing is lost: what is refused for its age is "
    "read from WorkOS's list of events."
)
WEBHOOK_ENDPOINT: Final = (
    "Create or enable a webhook endpoint for {} in the WorkOS Dashboard, for the events that docs/operate.md lists."
)
WEBHOOKS_NOT_RECEIVED: Final = (
    "Verify that the webhook URL is accessible from the internet; check that the webhook secret is configured "
    "correctly; review the webhook logs in the WorkOS Dashboard; ensure that the firewall allows WorkOS's IP "
    "addresses ("
    + ", ".join(ADDRESSES)
    + "). Nothing is lost meanwhile: the events are read from WorkOS's list, a minute or two late."
)
WEBHOOKS_LATE: Final = (
    "A few are normal. If they become more, review the webhook logs in the WorkOS Dashboard: deliveries that "
    "failed there are why."
)
NO_WEBHOOK_YET: Final = "Send a test event from the WorkOS Dashboard, or connect a directory or an SSO connection."
PENDING: Final = (
    "Start a worker, or more of them (`memberpulse-auth worker`). If one runs, its log says why it does not get on."
)
PENDING_TENANT: Final = "Nothing needs to be done by you; if it lasts, tell MemberPulse's operators."
DEAD: Final = "The page of each event, under Webhooks, says why. Mend the cause, then replay the event there."
DEAD_TENANT: Final = (
    "The page of each event, under Webhooks, says why; MemberPulse's operators can apply them once more."
)
LAG: Final = (
    "Start a worker (`memberpulse-auth worker`). If one runs, its log says why WorkOS's list could not be read."
)
LAG_REFUSED: Final = (
    "Mend what the last reading failed on; what is said of the API key and of WorkOS's API here tells how. The list is "
    "read every minute, and what was missed is read then."
)
DIRECTORY_CREDENTIALS: Final = (
    "Verify the SCIM endpoint and the bearer token in the identity provider, and check the WorkOS Dashboard for "
    "sync errors. The organization's page has a link to its set-up."
)
DIRECTORY_DISCONNECTED: Final = (
    "Connect the directory again, by the link to its set-up on the organization's page, or ignore this if it was meant "
    "to end."
)
DIRECTORY_SYNC_FAILED: Final = (
    "Check the WorkOS Dashboard for sync errors; verify the SCIM endpoint and the bearer token in the identity "
    "provider; ensure that users are assigned to the correct groups there; check the attribute mapping "
    "configuration. Then start a sync on the directory's page."
)
DIRECTORY_HELD: Final = (
    "Read what the sync would change, among the syncs on the directory's page, and confirm or cancel it there: it "
    "would take away more than a sync may without a person's yes."
)
DIRECTORY_STALE: Final = "Start a worker, then a sync on the directory's page."
CONNECTION_INACTIVE: Final = (
    "Verify that the SSO connection is activated in the WorkOS Dashboard. The organization's page has a link to its "
    "set-up."
)
CONNECTION_DEFAULT: Final = (
    "Choose a default connection that is active in the organization's sign-in policy, or activate this one in the "
    "WorkOS Dashboard."
)
CONNECTION_LEFT: Final = (
    "Nothing, if it was meant to end and no sign-in link leads to it any more. Otherwise activate it in the WorkOS "
    "Dashboard."
)
CONNECTION_FAILED: Final = (
    "Verify that the SSO connection is activated in the WorkOS Dashboard; check that the organization has the "
    "correct connection ID; ensure that redirect URIs match exactly. The audit "
    "log has each sign-in that failed."
)
CONNECTION_UNDECIDED: Final = (
    "Choose the default connection in the organization's sign-in policy, or deactivate those that are not used any "
    "more."
)
CERTIFICATE: Final = (
    "Renew the identity provider's signing certificate: the connection's page has a link to where it is done. After "
    "its end nobody can sign in over this connection."
)
FORWARDING_OFF: Final = (
    "Nothing, or AUDIT_FORWARDING=on once `memberpulse-auth audit-schemas` has told WorkOS of our events."
)
FORWARDING_REFUSED: Final = (
    "Run `memberpulse-auth audit-schemas`: it tells WorkOS of the events of this release, and what was refused is sent "
    "again at once. Nothing is lost meanwhile."
)
FORWARDING_DEAD: Final = (
    "Mend what the evidence says, then `memberpulse-auth replay --job audit.forward`. Nothing is lost: it goes on "
    "where it stopped."
)
FORWARDING_LATE: Final = (
    "Start a worker with AUDIT_FORWARDING=on. If one runs, WorkOS does not answer, or more happens than the pace of "
    "ten events a second: nothing is lost, it goes on by itself."
)
