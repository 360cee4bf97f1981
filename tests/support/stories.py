"""Each step of the action as a story: what exists before, what runs, and what has to be true afterwards."""

import json
from collections.abc import Callable, Generator, Mapping

import pytest

from cognito_action.retry import Limits
from cognito_action.steps import adopt as adopt_step
from cognito_action.steps import delete as delete_step
from cognito_action.steps import main as main_step
from cognito_action.steps import post as post_step
from cognito_action.steps import sweep as sweep_step
from cognito_action.users.leftovers import TITLE_LATE
from tests.support.mfa_pool import MfaPool
from tests.support.sign_up import fill_in_form, sign_up_inputs
from tests.support.testbed import TOKEN, FaultTestbed
from tools.emulator.account import PERMISSIONS
from tools.emulator.job import Stage
from tools.emulator.proxy import forwarding, losing_answer

ASSUME = "AssumeRoleWithWebIdentity"
PHONE = "+15555550123"

Story = Generator[Callable[[], Stage], Stage, None]
"""Prepares a step, yields the function that runs it, is sent the result, and checks the outcome."""

Step = Callable[[FaultTestbed], Story]


def main_alone(bed: FaultTestbed) -> Story:
    pool = bed.world.pool("email")
    inputs = bed.world.inputs(pool)
    main = yield lambda: bed.main(inputs)
    if main.exit_code == 0:
        assert bed.world.sign_in(pool, main)
    _post_leaves_nobody(bed, pool, main)


def main_with_group_and_tokens(bed: FaultTestbed) -> Story:
    pool = bed.world.pool("plain")
    inputs = bed.world.inputs_with_groups(pool, "admins", groups="admins", client_id=bed.world.app_client(pool))
    main = yield lambda: bed.main(inputs)
    if main.exit_code == 0:
        assert main.outputs["access-token"]
    _post_leaves_nobody(bed, pool, main)


def main_with_second_factor(bed: FaultTestbed) -> Story:
    pool = bed.world.pool("plain")
    admin = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]
    client = bed.world.account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH")
    MfaPool(client).guard(bed.world.aws)
    inputs = {
        "user-pool-id": pool,
        "role-to-assume": bed.world.role(pool, [*PERMISSIONS, *admin]),
        "client-id": client,
        "auth-flow": "ADMIN_USER_PASSWORD_AUTH",
    }
    main = yield lambda: bed.main(inputs)
    if main.exit_code == 0:
        assert main.outputs["totp-secret"]
    _post_leaves_nobody(bed, pool, main)


def main_signed_up(bed: FaultTestbed) -> Story:
    pool = bed.world.pool("email")
    inputs = sign_up_inputs(bed.world, pool, auth_flow="none")
    main = yield lambda: bed.main(inputs)
    if main.exit_code == 0:
        assert bed.world.sign_in(pool, main)
    _post_leaves_nobody(bed, pool, main)


def post(bed: FaultTestbed) -> Story:
    pool = bed.world.pool("email")
    state = bed.main(bed.world.inputs(pool)).state
    stage = yield lambda: bed.post(state)
    if not stage.annotations:
        assert bed.world.account.users(pool) == []


def post_by_phone(bed: FaultTestbed) -> Story:
    """The answer to the creation was lost: only the list of users shows who it was."""
    pool = bed.world.pool("phone")
    role = bed.world.role(pool, [*PERMISSIONS, "ListUsers"])
    bed.world.aws.on("AdminCreateUser", forwarding, losing_answer)  # the pool first refuses an address
    state = bed.main({"user-pool-id": pool, "role-to-assume": role, "phone-number": PHONE}).state
    assert len(bed.world.account.users(pool)) == 1
    stage = yield lambda: bed.post(state)
    if not stage.annotations:
        assert bed.world.account.users(pool) == []


def post_expected(bed: FaultTestbed) -> Story:
    """Main created nobody; then a test signed up by the address, and by the plain name too."""
    pool = bed.world.pool("plain")
    main = bed.main(bed.world.inputs(pool, users="visitor: {create: false}"))
    visitor = json.loads(main.outputs["users"])["visitor"]
    for name in (visitor["email"], visitor["username"]):
        fill_in_form(bed.world, pool, name, visitor["password"], email=visitor["email"])
    stage = yield lambda: bed.post(main.state)
    if not stage.annotations:
        assert bed.world.account.users(pool) == []


def adopt(bed: FaultTestbed) -> Story:
    pool, username = _left_to_other_jobs(bed)
    client = bed.world.app_client(pool)
    inputs = {**bed.world.inputs(pool), "username": username, "client-id": client}
    stage = yield lambda: bed.adopt(inputs)
    if stage.exit_code == 0:
        assert bed.world.sign_in(pool, stage)


def delete(bed: FaultTestbed) -> Story:
    pool, username = _left_to_other_jobs(bed)
    stage = yield lambda: bed.delete({**bed.world.inputs(pool), "username": username})
    if stage.exit_code == 0:
        assert bed.world.account.users(pool) == []


def sweep(bed: FaultTestbed) -> Story:
    pool, _ = _left_to_other_jobs(bed)
    role = bed.world.role(pool, ["ListUsers", "AdminDeleteUser"])
    stage = yield lambda: bed.sweep({"user-pool-id": pool, "role-to-assume": role, "older-than": "1h"})
    if stage.exit_code == 0:
        assert stage.outputs == {"found": "1", "deleted": "1"}
        assert bed.world.account.users(pool) == []


def _left_to_other_jobs(bed: FaultTestbed) -> tuple[str, str]:
    pool = bed.world.pool("plain")
    main = bed.main(bed.world.inputs(pool, email_domain="", mask_username="false", cleanup="false"))
    return pool, main.outputs["username"]


def _post_leaves_nobody(bed: FaultTestbed, pool: str, main: Stage) -> None:
    stage = bed.post(main.state)
    assert stage.exit_code == 0
    assert {each.title for each in stage.annotations} <= (
        {f"Cognito test user: {TITLE_LATE}"} if main.exit_code else set()
    )
    assert bed.world.account.users(pool) == []


SESSION = (TOKEN, ASSUME)
CREATION = (*SESSION, "AdminCreateUser", "AdminSetUserPassword")
SRP = ("InitiateAuth", "RespondToAuthChallenge")
SIGN_UP = ("AdminInitiateAuth", "SignUp", "AdminConfirmSignUp", "AdminUpdateUserAttributes")
CODES = ("AdminInitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken", "AdminRespondToAuthChallenge")

STEPS: Mapping[Step, tuple[str, ...]] = {
    main_alone: CREATION,
    main_with_group_and_tokens: ("AdminAddUserToGroup", *SRP),
    main_with_second_factor: CODES,
    main_signed_up: SIGN_UP,
    post: (*SESSION, "AdminDeleteUser"),
    post_by_phone: ("ListUsers", "AdminDeleteUser"),
    post_expected: ("AdminDeleteUser",),
    adopt: (*SESSION, "AdminSetUserPassword", *SRP),
    delete: (*SESSION, "AdminDeleteUser"),
    sweep: (*SESSION, "ListUsers", "AdminDeleteUser"),
}
"""Each step with the calls that steps before it do not make in the same way."""

CALLS = [pytest.param(step, call, id=f"{step.__name__}-{call}") for step, calls in STEPS.items() for call in calls]

MAINS = (main_alone, main_with_group_and_tokens, main_with_second_factor, main_signed_up)
POSTS = (post, post_by_phone, post_expected)

LIMITS: Mapping[Step, Limits] = {
    **dict.fromkeys(MAINS, main_step.LIMITS),
    **dict.fromkeys(POSTS, post_step.LIMITS),
    adopt: adopt_step.LIMITS,
    delete: delete_step.LIMITS,
    sweep: sweep_step.LIMITS,
}
