"""The errors if GitHub gives no ID token."""

import pytest
import yaml

from cognito_action.diagnostics.common import general_cause
from cognito_action.diagnostics.id_token import id_token_refused, no_id_token
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.github.oidc import OPERATION, RunOrigin


def refused(code: str, message: str, *, retryable: bool = False) -> ActionError:
    """The error for a refusal by GitHub's token service."""
    return id_token_refused(CallError(OPERATION, code, message, retryable=retryable))


# The job may not have one


def test_job_without_the_permission_gets_both_lines_to_paste() -> None:
    """A `permissions` block removes every permission that it does not name."""
    error = no_id_token(RunOrigin.OTHER)

    assert error.what == "GitHub gives this job no ID token, so the role can't be assumed."
    assert error.why.startswith("The job lacks the permission `id-token: write`.")
    assert error.paste == "permissions:\n  id-token: write\n  contents: read"


def test_run_of_dependabot_gets_lines_for_both_solutions() -> None:
    """Either the workflow names the permissions, or it excludes such runs."""
    error = no_id_token(RunOrigin.DEPENDABOT)

    assert error.why == (
        "This run was started by Dependabot. GitHub gives such runs only the permissions that the workflow names, and "
        "none of the Actions secrets."
    )
    assert error.fix == "Add this to the job, or exclude Dependabot's runs with the `if`:"
    assert error.paste == ("permissions:\n  id-token: write\n  contents: read\n\nif: github.actor != 'dependabot[bot]'")
    assert set(yaml.safe_load(error.paste)) == {"permissions", "if"}


def test_pull_request_from_a_fork_gets_the_condition_that_excludes_it() -> None:
    """Nothing in the workflow can get it a token."""
    error = no_id_token(RunOrigin.FORK)

    assert error.why.startswith("This pull request comes from a fork.")
    assert error.paste == (
        "if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository"
    )


# The token service refused


@pytest.mark.parametrize("code", ["302", "400", "404"])
def test_answer_of_the_token_service_without_a_known_cause(code: str) -> None:
    """Nothing is guessed about a status that the action does not know."""
    error = refused(code, "?")

    assert error.why == "The action does not know this error."
    assert "AWS" not in error.fix


@pytest.mark.parametrize("code", sorted(CONNECTION_CODES - {"NetworkError"}))
@pytest.mark.parametrize("retryable", [True, False])
def test_failure_on_the_way_is_explained_as_for_aws(code: str, *, retryable: bool) -> None:
    """The token's connections have the same proxies and certificates, so the same has to be changed."""
    error = refused(code, "what happened", retryable=retryable)

    assert (error.why, error.fix) == general_cause(CallError("AdminCreateUser", code, ""))
    assert error.what == f"The request for GitHub's ID token failed with {code}: what happened"


@pytest.mark.parametrize("code", ["401", "403"])
def test_refused_request_for_a_token_is_explained(code: str) -> None:
    """Only GitHub's own refusal says that the job may be over."""
    error = refused(code, "Unauthorized")

    assert error.what == f"The request for GitHub's ID token failed with {code}: Unauthorized"
    assert (
        error.why
        == "GitHub's token service refused the job's own request token, which it does after the job has ended."
    )
    assert error.fix == "Run the job again; if it keeps happening, look at GitHub's status page."


@pytest.mark.parametrize(
    ("code", "why", "fix"),
    [
        ("429", "The service failed, and kept failing until the deadline.", "Run the job again later."),
        ("500", "The service failed, and kept failing until the deadline.", "Run the job again later."),
        ("NoToken", "The service failed, and kept failing until the deadline.", "Run the job again later."),
    ],
)
def test_failing_token_service_is_explained(code: str, why: str, fix: str) -> None:
    """A failure that lasts until the deadline is not a refusal."""
    error = refused(code, "", retryable=True)

    assert error.what == f"The request for GitHub's ID token failed with {code}: (no message)"
    assert (error.why, error.fix) == (why, fix)


@pytest.mark.parametrize("retryable", [True, False])
def test_unreachable_token_service_points_to_github(*, retryable: bool) -> None:
    """Neither AWS nor the pool's region is involved, whether it was tried until the deadline or once."""
    error = refused("NetworkError", "timed out", retryable=retryable)

    assert error.what == "The request for GitHub's ID token failed with NetworkError: timed out"
    assert error.why == "GitHub's token service could not be reached, or the connection broke."
    assert error.fix == (
        "If the runner is self-hosted, let it reach the host of `ACTIONS_ID_TOKEN_REQUEST_URL`, and set `https_proxy` if it "
        "needs a proxy."
    )
    assert "user-pool-id" not in error.annotation
