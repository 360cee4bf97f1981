"""A call that IAM does not allow: the statement to paste, or the policy that denies whatever is pasted."""

import json
from dataclasses import replace

import pytest

from cognito_action.diagnostics.access import PoolAccess
from cognito_action.diagnostics.permissions import permission_missing
from cognito_action.errors import ActionError, CallError
from tests.support.examples import ACCESS, POOL_ARN
from tools.emulator.job import ROOT

SIGN_UP = replace(
    ACCESS,
    permissions=("AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminInitiateAuth", "AdminDeleteUser"),
)
"""The pool of a step whose users sign up."""

AMBIENT_ARN = "arn:aws:cognito-idp:eu-central-1:<account>:userpool/eu-central-1_AbCdEfGhI"

NOT_ALLOWED = f"User: x is not authorized to perform: cognito-idp:AdminCreateUser on resource: {POOL_ARN}"


def refused(
    message: str = "not authorized", operation: str = "AdminCreateUser", access: PoolAccess = ACCESS
) -> ActionError:
    """The error for a call that is not allowed."""
    return permission_missing(CallError(operation, "AccessDeniedException", message), access)


@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"])
def test_missing_permission_is_one_statement(operation: str) -> None:
    """The statement has all that the action needs, on this pool, so that the next call does not fail the same way."""
    error = refused(operation=operation)

    assert json.loads(error.paste) == {
        "Effect": "Allow",
        "Action": [
            "cognito-idp:AdminCreateUser",
            "cognito-idp:AdminSetUserPassword",
            "cognito-idp:AdminDeleteUser",
        ],
        "Resource": "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI",
    }


@pytest.mark.parametrize("operation", ["ListUsers", "AdminAddUserToGroup"])
def test_missing_permission_for_another_call_is_in_the_statement(operation: str) -> None:
    """A lookup by phone number needs one more action, and so does a group."""
    error = refused(operation=operation)

    assert json.loads(error.paste)["Action"][3:] == [f"cognito-idp:{operation}"]


@pytest.mark.parametrize(
    ("operation", "switch", "variable"),
    [
        ("AdminAddUserToGroup", "Groups", "groups"),
        ("AdminConfirmSignUp", "SignUp", "sign_up"),
        ("AdminUpdateUserAttributes", "SignUp", "sign_up"),
        ("AdminInitiateAuth", "SignIn", "sign_in"),
        ("AdminRespondToAuthChallenge", "SignIn", "sign_in"),
        ("ListUsers", "Sweep", "sweep"),
    ],
)
def test_missing_permission_names_its_switch(operation: str, switch: str, variable: str) -> None:
    """The next deployment of `infra/` would undo an edit of its role; the error names what turns the permission on."""
    error = refused(operation=operation)

    assert error.fix.startswith(
        f"If the role was made by `infra/`, deploy it again with `{switch}=true` "
        f"(Terraform: `{variable} = true`). Otherwise: Add this statement"
    )
    assert f"\n  {switch}:\n" in (ROOT / "infra/cloudformation.yaml").read_text(encoding="utf-8")
    assert f'variable "{variable}" {{' in "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "infra/terraform").glob("*.tf")
    )
    assert "infra" not in refused().fix


@pytest.mark.parametrize(
    ("operation", "switch"),
    [
        ("AdminConfirmSignUp", "`SignUp=true` (Terraform: `sign_up = true`)"),
        ("AdminUpdateUserAttributes", "`SignUp=true` (Terraform: `sign_up = true`)"),
        ("AdminInitiateAuth", "`SignUp=true` (Terraform: `sign_up = true`)"),
        ("AdminRespondToAuthChallenge", "`SignIn=true` (Terraform: `sign_in = true`)"),
        ("AdminAddUserToGroup", "`Groups=true` (Terraform: `groups = true`)"),
        ("ListUsers", "`Sweep=true` (Terraform: `sweep = true`)"),
        ("AdminDeleteUser", ""),
    ],
)
def test_switch_of_a_step_whose_users_sign_up(operation: str, switch: str) -> None:
    """One switch has all that a sign-up needs, the call that a sign-in shares included; deleting needs none."""
    fix = refused(operation=operation, access=SIGN_UP).fix

    assert (f"deploy it again with {switch}. Otherwise: " in fix) if switch else ("infra" not in fix)


@pytest.mark.parametrize("operation", ["AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminInitiateAuth"])
def test_statement_for_a_sign_up_allows_no_creation(operation: str) -> None:
    """It has what this step needs, and deleting, which is post's."""
    assert json.loads(refused(operation=operation, access=SIGN_UP).paste)["Action"] == [
        "cognito-idp:AdminConfirmSignUp",
        "cognito-idp:AdminUpdateUserAttributes",
        "cognito-idp:AdminInitiateAuth",
        "cognito-idp:AdminDeleteUser",
    ]


def test_statement_for_a_challenge_also_allows_the_call_that_asks_it() -> None:
    """A role whose statement for `AdminInitiateAuth` is replaced by it keeps that permission."""
    error = refused(operation="AdminRespondToAuthChallenge")

    assert json.loads(error.paste)["Action"][3:] == [
        "cognito-idp:AdminInitiateAuth",
        "cognito-idp:AdminRespondToAuthChallenge",
    ]


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        (POOL_ARN, POOL_ARN),
        (f"{POOL_ARN}.", POOL_ARN),
        (POOL_ARN.replace("123456789012", "210987654321"), POOL_ARN.replace("123456789012", "210987654321")),
        (f"{POOL_ARN}J", AMBIENT_ARN),
        (POOL_ARN.replace("AbC", "XyZ"), AMBIENT_ARN),
        (POOL_ARN.replace("123456789012", "*"), AMBIENT_ARN),
        ("arn:aws:iam::123456789012:user/x", AMBIENT_ARN),
        ("", AMBIENT_ARN),
    ],
)
def test_account_is_read_from_the_refusal_if_it_names_the_pool(resource: str, named: str) -> None:
    """Without a role the action does not know the account; AWS's message usually has it."""
    message = f"User: x is not authorized to perform: cognito-idp:AdminCreateUser on resource: {resource} because"
    error = permission_missing(
        CallError("AdminCreateUser", "AccessDeniedException", message), replace(ACCESS, arn=AMBIENT_ARN)
    )

    assert json.loads(error.paste)["Resource"] == named


def test_change_takes_a_moment() -> None:
    """Whoever has just deployed the permission need only run the job again."""
    assert "up to a minute" in refused(f"{NOT_ALLOWED} because no identity-based policy allows it").why


@pytest.mark.parametrize(
    "policy",
    ["service control policy", "resource control policy", "permissions boundary", "identity-based policy"],
)
def test_denial_is_not_mended_by_a_statement(policy: str) -> None:
    """AWS names the kind of policy that denies; only a change of that helps."""
    error = refused(f"{NOT_ALLOWED} with an explicit deny in a{'n' if policy[0] == 'i' else ''} {policy}")

    assert error.why.startswith(f"A {policy} denies this call")
    assert "`cognito-idp:AdminCreateUser`" in error.fix
    assert not error.paste


def test_boundary_is_where_the_statement_belongs() -> None:
    """In a policy of the role it would change nothing."""
    error = refused(f"{NOT_ALLOWED} because no permissions boundary allows the cognito-idp:AdminCreateUser action")

    assert error.fix == "Add this statement to the permissions boundary:"
    assert json.loads(error.paste)["Effect"] == "Allow"
