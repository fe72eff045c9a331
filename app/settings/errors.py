"""Problems of platform settings."""

from app.problems import Problem


class SettingsRefused(Problem):
    status = 422
    code = "settings_refused"
    title = "WorkOS does not accept this value, so nothing was saved."
    remedy = "Correct each value that is named as wrong and save again. Verifying says what to do about each."


class SecretMasked(Problem):
    status = 422
    code = "settings_secret_masked"
    title = "A secret that was sent is a masked one, as forms show it, and not the secret itself."
    remedy = "Send the whole secret, or leave the field out to keep the one that is set."


class ApiKeyRequired(Problem):
    """Without it whoever may change an address, but knows no secret, would learn where the secret goes (F3)."""

    status = 422
    code = "settings_api_key_required"
    title = "A new client id or redirect URI needs the API key in the same request."
    remedy = "Enter the API key too: the one of the WorkOS environment that the client id belongs to."


class RedirectUriNotAllowed(Problem):
    status = 422
    code = "redirect_uri_not_allowed"
    title = "This redirect URI is not one of the gateway's own callback addresses."
    remedy = (
        "Use https://<host>/auth/callback/workos on the host of PUBLIC_URL or APP_URL; http on localhost only, and"
        " never in production."
    )


class DefaultConnectionNotUsable(Problem):
    status = 422
    code = "default_connection_not_usable"
    title = "Nobody could sign in over this connection, so it was not made the default one."
    remedy = "Choose an active connection of an organization that is linked here."


class RotationNotStaged(Problem):
    status = 409
    code = "rotation_not_staged"
    title = "There is no second secret that could take the first one's place."
    remedy = "Stage the new secret first."


class RotationUnderWay(Problem):
    status = 409
    code = "rotation_under_way"
    title = "Two webhook secrets are accepted already."
    remedy = "Take one out first: promote or roll back, or leave one in WORKOS_WEBHOOK_SECRET."


class RotationNotProven(Problem):
    status = 409
    code = "rotation_not_proven"
    title = "WorkOS still signs with the old webhook secret and with no endpoint's new one."
    remedy = "Create the webhook endpoint whose secret this is at WorkOS, wait for a delivery, then promote again."


class SettingUnreadable(Problem):
    status = 409
    code = "setting_unreadable"
    title = "The stored secret cannot be opened, so it cannot be used."
    remedy = "Set it again, and look up settings.seal.broken in the log."


class SettingsBusy(Problem):
    status = 409
    code = "settings_busy"
    title = "The settings were changed again and again while these values were being verified."
    remedy = "Read the settings and send the change once more."
