"""What is said if GitHub gives no ID token."""

from cognito_action.diagnostics.common import general_cause
from cognito_action.errors import CONNECTION_CODES, NETWORK, ActionError, CallError
from cognito_action.github.oidc import RunOrigin

_PERMISSIONS = """\
permissions:
  id-token: write
  contents: read"""


def no_id_token(origin: RunOrigin) -> ActionError:
    """The job may not have an ID token; the usual reason depends on what started the run."""
    what = "GitHub gives this job no ID token, so the role can't be assumed."
    match origin:
        case RunOrigin.DEPENDABOT:
            return ActionError(
                what=what,
                why="This run was started by Dependabot. GitHub gives such runs only the permissions that the workflow names, "
                "and none of the Actions secrets.",
                fix="Add this to the job, or exclude Dependabot's runs with the `if`:",
                paste=f"{_PERMISSIONS}\n\nif: github.actor != 'dependabot[bot]'",
                language="yaml",
            )
        case RunOrigin.FORK:
            return ActionError(
                what=what,
                why="This pull request comes from a fork. GitHub gives its runs no ID token, so that strangers can't reach "
                "your AWS account.",
                fix="Skip the job for forks:",
                paste="if: github.event_name != 'pull_request' || "
                "github.event.pull_request.head.repo.full_name == github.repository",
                language="yaml",
            )
        case _:
            return ActionError(
                what=what,
                why="The job lacks the permission `id-token: write`. A `permissions:` block that names one permission removes "
                "all that it does not name, so `contents: read` (for actions/checkout) has to be next to it.",
                fix="Add this to the job, and if it is in a reusable workflow, to the job that calls it too:",
                paste=_PERMISSIONS,
                language="yaml",
            )


def id_token_refused(error: CallError) -> ActionError:
    """The job may have a token, and the service that issues them gave none."""
    if error.code == NETWORK:
        why = "GitHub's token service could not be reached, or the connection broke."
        fix = (
            "If the runner is self-hosted, let it reach the host of `ACTIONS_ID_TOKEN_REQUEST_URL`, and set `https_proxy` if "
            "it needs a proxy."
        )
    elif error.code in ("401", "403"):
        why = "GitHub's token service refused the job's own request token, which it does after the job has ended."
        fix = "Run the job again; if it keeps happening, look at GitHub's status page."
    elif error.retryable or error.code in CONNECTION_CODES:
        why, fix = general_cause(error)
    else:
        why = "The action does not know this error."
        fix = "Read the message above, and look at GitHub's status page."
    return ActionError(what=error.what, why=why, fix=fix)
