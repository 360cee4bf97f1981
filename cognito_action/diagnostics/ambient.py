"""What is said if there is no role, and the job's own credentials or settings are of no use."""

from collections.abc import Mapping, Sequence

from cognito_action.diagnostics.ambient_here import NONE, unusable_here
from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import usual_cause
from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.phrases import CALL_AWS, CALL_AWS_INSTEAD
from cognito_action.errors import CONNECTION_CODES, NO_ANSWER, ActionError, CallError
from cognito_action.network.endpoint import AWS, Endpoint
from cognito_action.text import quoted
from cognito_action.words import HostKind, Variable, Words

_SIGNS_OF_AN_EARLIER_STEP = (("AWS_PROFILE",), ("AWS_REGION", "AWS_DEFAULT_REGION"))
"""Variables that steps leave which set credentials up: a profile, and what configure-aws-credentials always sets."""

_ROLE = """\
permissions:
  id-token: write
  contents: read

with:
  role-to-assume: arn:aws:iam::<account>:role/<name>"""

_KEYS = """\
env:
  AWS_ACCESS_KEY_ID: ${{ steps.<id>.outputs.aws-access-key-id }}
  AWS_SECRET_ACCESS_KEY: ${{ steps.<id>.outputs.aws-secret-access-key }}
  AWS_SESSION_TOKEN: ${{ steps.<id>.outputs.aws-session-token }}"""

_BLIND = (
    "The action runs in a container: it sees the job's variables, but not the runner's home folder (`~/.aws`), where "
    "profiles, SSO and `aws configure` leave credentials, nor the outputs of a step."
)

_HAND_OVER = (
    "Set `role-to-assume`. Or give the earlier step with `aws-actions/configure-aws-credentials` an `id` and "
    "`output-credentials: true`, and add to this step:"
)

_CAUSES: Sequence[Cause] = (
    Cause(
        "One of the job's variables for credentials is set, and its other half is not.",
        "Set the variable that the message names, too. Or set `role-to-assume`: then the action uses none of them.",
        codes=("PartialCredentialsError",),
    ),
    Cause(
        "The job's credentials are those of a person (SSO), who has to sign in with a browser.",
        "Set `role-to-assume`: then the action uses none of them.",
        codes=(
            "SSOError",
            "SSOTokenLoadError",
            "UnauthorizedSSOTokenError",
            "TokenRetrievalError",
            "PendingAuthorizationExpiredError",
        ),
    ),
    Cause(
        "Without `role-to-assume` the action uses the credentials in the job's variables, and these can't be used.",
        "Store them again, without spaces and line breaks. Or set `role-to-assume`: then the action uses none of them.",
        codes=("BrokenCredentials",),
    ),
)

_BY_VARIABLE: Sequence[tuple[Sequence[str], Cause]] = (
    (
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        Cause(
            "{variables} names a file that the action's container does not have: it sees the workspace, and no other folder "
            "of the machine.",
            "Set `role-to-assume`: then the variable plays no part.",
            codes=("FileNotFoundError", "PermissionError"),
        ),
    ),
    (
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        Cause(
            "{variables} names the service from which containers of this machine get credentials. The action's container "
            "can't use it.",
            "Set `role-to-assume`: then the variable plays no part.",
            codes=("MetadataRetrievalError", "CredentialRetrievalError", "ValueError"),
        ),
    ),
)
"""Causes that a variable has to be set for."""

_UNUSABLE = Cause(
    "Without `role-to-assume` the action uses what the job's variables or the machine hold, and these can't be used.",
    "Set `role-to-assume`: then the action uses none of them.",
)


def no_credentials(environ: Mapping[str, str], *, hosts_only: bool, kind: HostKind = HostKind.ACTION) -> ActionError:
    """Neither a role nor credentials.

    Args:
        environ: the step's; what is set tells what an earlier step has done.
        hosts_only: whether the machine's metadata service answers, but no containers.
        kind: who reads it; of the command, `environ` and `hosts_only` play no part.
    """
    what = "There are no AWS credentials."
    if kind is HostKind.COMMAND:
        return ActionError(what, *NONE)
    if hosts_only:
        return ActionError(
            what=what,
            why="The metadata service of this machine answers it, but not its containers: the token that the service wants "
            "gets no further than one hop.",
            fix="Let it get two hops, or set `role-to-assume`:",
            paste="aws ec2 modify-instance-metadata-options --instance-id <instance> --http-put-response-hop-limit 2",
            language="sh",
        )
    if any(all(environ.get(name) for name in names) for names in _SIGNS_OF_AN_EARLIER_STEP):
        return ActionError(
            what=what,
            why=f"`role-to-assume` is not set, and no variable of the job holds credentials. {_BLIND}",
            fix=_HAND_OVER,
            paste=_KEYS,
            language="yaml",
        )
    return ActionError(
        what=what,
        why="`role-to-assume` is not set, and no variable of the job holds credentials. A secret that is misspelled, or that "
        "forks and Dependabot do not get, is empty.",
        fix="Name the role to assume, and allow the job to request an ID token:",
        paste=_ROLE,
        language="yaml",
    )


def credentials_unusable(error: CallError, environ: Mapping[str, str], kind: HostKind = HostKind.ACTION) -> ActionError:
    """The credentials of the job, or of this machine, can't be read, or not be got."""
    if error.code in CONNECTION_CODES:
        # The SDK's search asks STS, if it asks a service of AWS.
        names = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")
        endpoint = next((Endpoint(environ[name], name) for name in names if environ.get(name)), AWS)
        return not_reached(error, endpoint, "the variables that lead to the credentials")
    if kind is HostKind.COMMAND:
        return unusable_here(error, environ)
    if error.code == "ProfileNotFound":
        return _profile_not_found(error, environ)
    for candidates, cause in _BY_VARIABLE:
        variables = " or ".join(f"`{name}`" for name in candidates if environ.get(name))
        if variables and cause.matches(error):
            return cause.told(error, variables=variables)
    return (cause_of(error, _CAUSES) or usual_cause(error) or _UNUSABLE).told(error)


def sdk_misconfigured(error: CallError, endpoint: Endpoint, environ: Mapping[str, str]) -> ActionError:
    """A variable makes the SDK refuse to work at all, or ask someone who does not answer."""
    reason = error.shown.replace(endpoint.url, endpoint.shown) if endpoint.url else error.shown
    what = f"The AWS SDK can't be set up: {quoted(reason)}"
    if error.code == NO_ANSWER:
        return ActionError(
            what=what,
            why="`AWS_DEFAULTS_MODE: auto` has the SDK ask the machine's metadata service where it runs, and there was no "
            "answer in time.",
            fix=Words(
                "Add to this step, or set `role-to-assume`: then the variable plays no part.", "Run this before it:"
            ),
            paste=Variable("AWS_DEFAULTS_MODE", "legacy"),
        )
    if endpoint.url and error.code == "ValueError":  # what the SDK raises for a URL that is none
        return ActionError(
            what=what,
            why=f"`{endpoint.source}` has to be a URL that starts with `http://` or `https://`.",
            fix=CALL_AWS_INSTEAD.within("Correct it. {}"),
            paste=CALL_AWS,
        )
    names = ", ".join(sorted(name for name in environ if name.startswith("AWS_")))
    return ActionError(
        what=what,
        why=Words(
            "A variable of the job has a value that the SDK does not accept.",
            "A variable, or a setting of the profile, has a value that the SDK does not accept.",
        ),
        details=f"set: {names}" if names else "",
        fix=Words("Correct it in `env:`, or in the step that writes it to `GITHUB_ENV`.", "Correct it."),
    )


def _profile_not_found(error: CallError, environ: Mapping[str, str]) -> ActionError:
    # The SDK reads them in this order.
    variable = next((name for name in ("AWS_DEFAULT_PROFILE", "AWS_PROFILE") if environ.get(name)), "AWS_PROFILE")
    other = bool(environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY"))
    return ActionError(
        what=error.what,
        why=f"`{variable}` names a profile that the action does not see. {_BLIND}",
        fix="Other variables of the job hold credentials. To use these, add to this step:" if other else _HAND_OVER,
        paste=Variable(variable) if other else f'{_KEYS}\n  {variable}: ""',
        language="yaml",
    )
