"""What is said if the app client is not the pool's, or `client-secret` is not the app client's."""

from collections.abc import Sequence

from cognito_action.diagnostics.causes import Cause
from cognito_action.words import Words

APP_CLIENT: Sequence[Cause] = (
    Cause(
        "The app client has a secret, and `client-secret` is not set.",
        Words("Set it, for example from a secret of the repository:", "Set it, best by a variable:"),
        codes=("NotAuthorizedException",),
        message="SECRET_HASH was not received",
        paste=Words(
            "with:\n  client-secret: ${{{{ secrets.COGNITO_CLIENT_SECRET }}}}",
            "export COGNITO_TEST_USER_CLIENT_SECRET='<secret of the app client>'",
        ),
    ),
    Cause(
        "The app client has no secret, and `client-secret` is set.",
        "Leave `client-secret` out.",
        message="not configured for secret",
    ),
    Cause(
        "`client-secret` is not that of this app client, or the app client has none.",
        "Set it to what the app client's page in the Cognito console shows, or leave it out if there is none.",
        message="verify secret hash",
    ),
    Cause(
        "There is no such app client in this pool.",
        "Check `client-id`: it is the ID, not the name, of an app client of {pool}.",
        codes=("ResourceNotFoundException",),
        message=r"(?i:\bclient\b)",
    ),
)
"""The causes of refusals that a sign-up and a sign-in have in common; `pool` is the pool's ID."""
