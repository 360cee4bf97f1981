"""What is said if GitHub gives no ID token."""

from collections.abc import Sequence

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import usual_cause
from cognito_action.diagnostics.connections import not_reached
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.github.oidc import RunOrigin
from cognito_action.network.endpoint import AWS

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
                paste=f"{_PERMISSIONS}\n\n# or:\nif: github.actor != 'dependabot[bot]'",
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


_CAUSES: Sequence[Cause] = (
    Cause(
        "GitHub gives this job no token for that audience, as for the URL of another owner.",
        "Leave the input `audience` out.",
        codes=("400", "403"),
        message="[Aa]udience",
    ),
    Cause(
        "GitHub gives a token only to a job that runs, and considered this one not to be running yet.",
        "Run the job again.",
        codes=("400", "403"),
        message="in '?(Pending|Delayed)",
    ),
    Cause(
        "GitHub's token service refused the job's own request token, which it does after the job has ended.",
        "Run the job again; if it keeps happening, look at GitHub's status page.",
        codes=("401", "403"),
    ),
    Cause(
        "The service failed, and kept failing until the deadline.",
        "Look at GitHub's status page, and run the job again later.",
        codes=("429", "500", "502", "503", "504", "NoToken"),
    ),
)

_UNKNOWN = Cause("The action does not know this error.", "Read the message above, and look at GitHub's status page.")


def id_token_refused(error: CallError) -> ActionError:
    """The job may have a token, and the service that issues them gave none."""
    if error.code in CONNECTION_CODES:
        return not_reached(error, AWS, "`ACTIONS_ID_TOKEN_REQUEST_URL`")
    return (cause_of(error, _CAUSES) or usual_cause(error) or _UNKNOWN).told(error)
