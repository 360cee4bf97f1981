"""Each step of the action as a story: what is there before, what runs, and what has to be true after it."""

from collections.abc import Callable, Generator, Mapping

import pytest

from cognito_action.retry import Limits
from cognito_action.steps import adopt as adopt_step
from cognito_action.steps import delete as delete_step
from cognito_action.steps import main as main_step
from cognito_action.steps import post as post_step
from cognito_action.steps import sweep as sweep_step
from demo.account import PERMISSIONS
from demo.job import Stage
from demo.proxy import forwarding, losing_answer
from tests.reliability.premises import TOKEN, Premises
from tests.scenarios.mfa_pool import MfaPool

ASSUME = "AssumeRoleWithWebIdentity"
PHONE = "+15555550123"

Story = Generator[Callable[[], Stage], Stage, None]
"""Prepares a step, yields what runs it, is sent how it went, and checks what came of it."""

Step = Callable[[Premises], Story]


def main_alone(place: Premises) -> Story:
    pool = place.world.pool("email")
    inputs = place.world.inputs(pool)
    main = yield lambda: place.main(inputs)
    if main.exit_code == 0:
        assert place.world.sign_in(pool, main)
    _post_leaves_nobody(place, pool, main)


def main_with_group_and_tokens(place: Premises) -> Story:
    pool = place.world.pool("plain")
    inputs = place.world.inputs_with_groups(pool, "admins", groups="admins", client_id=place.world.app_client(pool))
    main = yield lambda: place.main(inputs)
    if main.exit_code == 0:
        assert main.outputs["access-token"]
    _post_leaves_nobody(place, pool, main)


def main_with_second_factor(place: Premises) -> Story:
    pool = place.world.pool("plain")
    admin = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]
    client = place.world.account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH")
    MfaPool(client).guard(place.world.aws)
    inputs = {
        "user-pool-id": pool,
        "role-to-assume": place.world.role(pool, [*PERMISSIONS, *admin]),
        "client-id": client,
        "auth-flow": "ADMIN_USER_PASSWORD_AUTH",
    }
    main = yield lambda: place.main(inputs)
    if main.exit_code == 0:
        assert main.outputs["totp-secret"]
    _post_leaves_nobody(place, pool, main)


def post(place: Premises) -> Story:
    pool = place.world.pool("email")
    state = place.main(place.world.inputs(pool)).state
    stage = yield lambda: place.post(state)
    if not stage.annotations:
        assert place.world.account.users(pool) == []


def post_by_phone(place: Premises) -> Story:
    """The answer to the creation was lost: only the list of users tells who it was."""
    pool = place.world.pool("phone")
    role = place.world.role(pool, [*PERMISSIONS, "ListUsers"])
    place.world.aws.on("AdminCreateUser", forwarding, losing_answer)  # the pool first refuses an address
    state = place.main({"user-pool-id": pool, "role-to-assume": role, "phone-number": PHONE}).state
    assert len(place.world.account.users(pool)) == 1
    stage = yield lambda: place.post(state)
    if not stage.annotations:
        assert place.world.account.users(pool) == []


def adopt(place: Premises) -> Story:
    pool, username = _left_to_other_jobs(place)
    client = place.world.app_client(pool)
    inputs = {**place.world.inputs(pool), "username": username, "client-id": client}
    stage = yield lambda: place.adopt(inputs)
    if stage.exit_code == 0:
        assert place.world.sign_in(pool, stage)


def delete(place: Premises) -> Story:
    pool, username = _left_to_other_jobs(place)
    stage = yield lambda: place.delete({**place.world.inputs(pool), "username": username})
    if stage.exit_code == 0:
        assert place.world.account.users(pool) == []


def sweep(place: Premises) -> Story:
    pool, _ = _left_to_other_jobs(place)
    role = place.world.role(pool, ["ListUsers", "AdminDeleteUser"])
    stage = yield lambda: place.sweep({"user-pool-id": pool, "role-to-assume": role, "older-than": "1h"})
    if stage.exit_code == 0:
        assert stage.outputs == {"found": "1", "deleted": "1"}
        assert place.world.account.users(pool) == []


def _left_to_other_jobs(place: Premises) -> tuple[str, str]:
    pool = place.world.pool("plain")
    main = place.main(place.world.inputs(pool, email_domain="", mask_username="false", cleanup="false"))
    return pool, main.outputs["username"]


def _post_leaves_nobody(place: Premises, pool: str, main: Stage) -> None:
    stage = place.post(main.state)
    assert (stage.exit_code, stage.annotations) == (0, [])
    assert place.world.account.users(pool) == []


SESSION = (TOKEN, ASSUME)
CREATION = (*SESSION, "AdminCreateUser", "AdminSetUserPassword")
SRP = ("InitiateAuth", "RespondToAuthChallenge")
CODES = ("AdminInitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken", "AdminRespondToAuthChallenge")

STEPS: Mapping[Step, tuple[str, ...]] = {
    main_alone: CREATION,
    main_with_group_and_tokens: ("AdminAddUserToGroup", *SRP),
    main_with_second_factor: CODES,
    post: (*SESSION, "AdminDeleteUser"),
    post_by_phone: ("ListUsers", "AdminDeleteUser"),
    adopt: (*SESSION, "AdminSetUserPassword", *SRP),
    delete: (*SESSION, "AdminDeleteUser"),
    sweep: (*SESSION, "ListUsers", "AdminDeleteUser"),
}
"""Each step with the calls that others before it do not make in the same way."""

CALLS = [pytest.param(step, call, id=f"{step.__name__}-{call}") for step, calls in STEPS.items() for call in calls]


LIMITS: Mapping[Step, Limits] = {
    **dict.fromkeys([main_alone, main_with_group_and_tokens, main_with_second_factor], main_step.LIMITS),
    **dict.fromkeys([post, post_by_phone], post_step.LIMITS),
    adopt: adopt_step.LIMITS,
    delete: delete_step.LIMITS,
    sweep: sweep_step.LIMITS,
}
