"""What is said if there is no ID token: GitHub gives none, or what the command was told to take it from."""

from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import usual_cause
from cognito_action.diagnostics.connections import not_reached
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.github.oidc import RunOrigin
from cognito_action.host import WEB_IDENTITY_COMMAND, WEB_IDENTITY_FILE
from cognito_action.network.endpoint import AWS
from cognito_action.words import HostKind

_PERMISSIONS = """\
permissions:
  id-token: write
  contents: read"""


def no_id_token(origin: RunOrigin, kind: HostKind = HostKind.ACTION) -> ActionError:
    """There may be no ID token; the usual reason depends on what started the run, if it is one of GitHub's."""
    if origin is RunOrigin.ELSEWHERE and kind is HostKind.COMMAND:
        return ActionError(
            what="There is no web identity token, so the role can't be assumed.",
            why="`--role-to-assume` is set. Outside of GitHub, the command has to be told where the token for it comes from.",
            fix="Give the command that prints one, or `--web-identity-token-file`. Without a CI that issues such tokens, leave "
            "`--role-to-assume` out, and set `AWS_PROFILE` to a profile with `role_arn`:",
            paste="--web-identity-token-command '<command that prints a token>'",
            language="sh",
        )
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
        "Leave `audience` out.",
        codes=("400", "403"),
        message="[Aa]udience",
    ),
    Cause(
        "GitHub gives a token only to a job that runs, and considered this one not to be running yet.",
        "Run it again.",
        codes=("400", "403"),
        message="in '?(Pending|Delayed)",
    ),
    Cause(
        "GitHub's token service refused the job's own request token, which it does after the job has ended.",
        "Run it again; if it keeps happening, look at GitHub's status page.",
        codes=("401", "403"),
    ),
    Cause(
        "The service failed, and kept failing until the deadline.",
        "Look at GitHub's status page, and run it again later.",
        codes=("429", "500", "502", "503", "504", "NoToken"),
    ),
)

_UNKNOWN = Cause("This error is not known here.", "Read the message above, and look at GitHub's status page.")


_OF_FILE: Sequence[Cause] = (
    Cause(
        "Nothing has written the token there, or you may not read it.",
        "Correct `--web-identity-token-file`, or have the CI write the token there first.",
        codes=("FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError", "OSError"),
    ),
    Cause(
        "The file holds something else than one signed token (JWT), or is empty.",
        "Have the CI write the token itself there, without quotes and without anything around it.",
    ),
)

_OF_COMMAND: Sequence[Cause] = (
    Cause(
        "The command for a token has to print it within seconds.",
        "Run it in this shell to see what it waits for: it gets no input.",
        codes=("Timeout",),
    ),
    Cause(
        "The command for a token prints something else than one signed token (JWT).",
        "Have it print the token itself, without quotes, and messages to the standard error only.",
        codes=("NoToken",),
    ),
    Cause(
        "The command for a token failed, and the text after the code is its own.",
        "Run it in this shell until it prints a token, or correct `--web-identity-token-command`.",
    ),
)

_ELSEWHERE: Mapping[str, Sequence[Cause]] = {WEB_IDENTITY_FILE: _OF_FILE, WEB_IDENTITY_COMMAND: _OF_COMMAND}
"""The causes by where the token should have come from, outside of GitHub."""


def id_token_refused(error: CallError) -> ActionError:
    """There may be a token, and the service, the file or the command that it comes from gave none."""
    if cause := cause_of(error, _ELSEWHERE.get(error.operation, ())):
        return cause.told(error)
    if error.code in CONNECTION_CODES:
        return not_reached(error, AWS, "`ACTIONS_ID_TOKEN_REQUEST_URL`")
    return (cause_of(error, _CAUSES) or usual_cause(error) or _UNKNOWN).told(error)
