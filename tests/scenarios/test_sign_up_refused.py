"""Sign-ups that Cognito or a trigger refuses: one error with the cause, advice that works, and no user is left."""

import json
from collections.abc import Mapping

import pytest
import yaml

from tests.support.sign_up import PHONE, SIGN_UP, after_effect, attributes_of, sent_attributes, sign_up_inputs, sub_in
from tests.support.the_error import the_error
from tests.support.triggers import trigger
from tests.support.world import World
from tools.emulator.http import Answer
from tools.emulator.job import Job
from tools.emulator.proxy import Call, Rule, losing_answer, refusing

CONFIRM = "AdminConfirmSignUp"
LIMIT = ("LimitExceededException", "Exceeded daily email limit for the operation or the account.")
TRIGGER = "UserLambdaValidationException"

CONFIRMING_TRIGGER = """
export const handler = async (event) => {
  event.response.autoConfirmUser = true
  event.response.autoVerifyEmail = true
  return event
}
"""


def leaves_no_one(world: World, job: Job, pool: str) -> None:
    """Run post: it deletes whoever there is, and has nothing to say."""
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.account.users(pool) == []


def succeeds(world: World, inputs: Mapping[str, str]) -> None:
    """Run the step with what was advised."""
    main = world.job().main(inputs)
    assert (main.exit_code, main.annotations) == (0, []), main.log


def only_administrators(world: World, pool: str) -> Rule:
    """Refuse a sign-up as the pool does if its settings say so; the emulator keeps the setting, and does not heed it."""

    def rule(call: Call) -> Answer:
        settings = world.account.cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["AdminCreateUserConfig"]
        if settings["AllowAdminCreateUserOnly"]:
            return call.refuse("NotAuthorizedException", "SignUp is not permitted for this user pool")
        return call.forward()

    return rule


def test_sign_up_is_switched_off(world: World) -> None:
    """The lines in the error, in the pool's settings, are enough; so is a step without `sign-up`."""
    pool = world.pool("email", AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    inputs = sign_up_inputs(world, pool)
    world.aws.on("SignUp", *[only_administrators(world, pool)] * 2)
    job = world.job()

    main = job.main(inputs)

    told = the_error(main)
    assert told.startswith("SignUp failed with NotAuthorizedException: SignUp is not permitted for this user pool")
    assert "Only administrators can create users in this pool: its self-service sign-up is off." in told
    assert main.state["user-1"] != ""
    leaves_no_one(world, job, pool)
    lines = yaml.safe_load(told[told.index("AdminCreateUserConfig:") :].partition("\nendpoint: ")[0])
    world.account.cognito.update_user_pool(UserPoolId=pool, **lines)
    succeeds(world, inputs)
    world.aws.calm()
    succeeds(world, {**world.inputs(pool), "client-id": inputs["client-id"], "auth-flow": "USER_SRP_AUTH"})


def test_attribute_that_the_client_may_not_write(world: World) -> None:
    """Without the attribute the user signs up."""

    def rule(call: Call) -> Answer:
        if "name" in sent_attributes(call.parameters):
            message = "A client attempted to write unauthorized attribute"
            return call.refuse("NotAuthorizedException", message)
        return call.forward()

    pool = world.pool("email")
    inputs = sign_up_inputs(world, pool)
    world.aws.on("SignUp", rule, rule)
    job = world.job()

    told = the_error(job.main({**inputs, "attributes": "name=Ada"}))

    assert "The app client may not write one of the attributes that a sign-up here sets" in told
    assert "Leave the attribute out, or let the app client write it" in told
    leaves_no_one(world, job, pool)
    succeeds(world, inputs)


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_trigger_refuses_the_sign_up(world: World, kind: str) -> None:
    """The text of the trigger is quoted, and the error says by what it can tell these users."""
    pool = world.pool(kind)
    world.aws.on("SignUp", refusing(TRIGGER, "PreSignUp failed with error only for invited people."))
    job = world.job()

    told = the_error(job.main(sign_up_inputs(world, pool)))

    assert "PreSignUp failed with error only for invited people." in told
    assert "its event has the `triggerSource` PreSignUp_SignUp" in told
    assert CONFIRM not in world.aws.calls
    leaves_no_one(world, job, pool)


@pytest.mark.parametrize("kind", ["plain", "email"])
@pytest.mark.parametrize("flow", ["none", "USER_SRP_AUTH"])
def test_trigger_fails_after_the_confirmation(world: World, kind: str, flow: str) -> None:
    """The error quotes it, with the commands that show its log, and post deletes the confirmed user."""
    pool = world.pool(kind)
    world.aws.on(CONFIRM, after_effect(TRIGGER, "PostConfirmation failed with error the table is full."))
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, auth_flow=flow))

    told = the_error(main)
    assert told.startswith(f"{CONFIRM} failed with {TRIGGER}: PostConfirmation failed with error the table is full.")
    assert "post confirmation trigger refused or failed" in told
    assert "aws logs tail" in told
    assert world.aws.calls[-1] == CONFIRM
    [user] = world.account.users(pool)
    assert main.outputs == {"sub": attributes_of(world, pool, user)["sub"]}
    leaves_no_one(world, job, pool)


def test_trigger_confirms_the_user(world: World) -> None:
    """Nothing is confirmed twice; the address counts as verified all the same."""
    pool = world.pool("email", LambdaConfig={"PreSignUp": trigger(world, CONFIRMING_TRIGGER)})
    job = world.job()

    main = job.main(sign_up_inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    assert [call for call in world.aws.calls if call in SIGN_UP] == [call for call in SIGN_UP if call != CONFIRM]
    assert attributes_of(world, pool, main.outputs["sub"])["email_verified"] == "true"
    leaves_no_one(world, job, pool)


def test_confirmation_without_an_answer(world: World) -> None:
    """Cognito says that the user is confirmed already, which the lost call has done."""
    pool = world.pool("email")
    confirmed = refusing("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
    world.aws.on(CONFIRM, losing_answer, confirmed)
    job = world.job()

    main = job.main(sign_up_inputs(world, pool))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    leaves_no_one(world, job, pool)


@pytest.mark.parametrize("created", [True, False])
@pytest.mark.parametrize("code", ["CodeDeliveryFailureException", "InvalidEmailRoleAccessPolicyException"])
def test_code_can_not_be_sent(world: World, code: str, *, created: bool) -> None:
    """Whether or not the user came to be, post leaves no one."""
    pool = world.pool("email")
    world.aws.on("SignUp", (after_effect if created else refusing)(code, "Unable to send the code."))
    job = world.job()

    told = the_error(job.main(sign_up_inputs(world, pool)))

    assert "could not send its code" in told
    leaves_no_one(world, job, pool)


# The limit of messages, after which the user is there


@pytest.mark.parametrize("kind", ["plain", "email"])
@pytest.mark.parametrize("users", ["", "one:\ntwo:\n"])
def test_limit_of_messages(world: World, kind: str, users: str) -> None:
    """The step goes on, the `sub` is the ID token's, and post deletes by it even after a change of address."""
    pool = world.pool(kind)
    world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")
    world.aws.on("SignUp", *[after_effect(*LIMIT)] * (2 if users else 1))
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, "AdminAddUserToGroup", users=users, groups="admins"))

    assert (main.exit_code, main.annotations) == (0, []), main.log
    made = list(json.loads(main.outputs["users"]).values()) if users else [main.outputs]
    entries = [json.loads(value) for name, value in main.state.items() if name.startswith("user-")]
    for user in made:
        sub = user["sub"]
        assert sub == sub_in(user["id-token"])
        assert attributes_of(world, pool, user["username"])["sub"] == sub
        assert sub in main.summary
        assert world.groups_of(pool, sub) == ["admins"]
        random_part = user["username"].partition("@")[0][-16:]
        assert not [line for line in [*main.log, main.summary] if random_part in line]
        assert sub in [entry["sub"] for entry in entries]
        world.account.cognito.admin_update_user_attributes(
            UserPoolId=pool, Username=sub, UserAttributes=[{"Name": "email", "Value": f"{sub}@example.org"}]
        )
    leaves_no_one(world, job, pool)


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_limit_of_messages_without_a_sign_in(world: World, kind: str) -> None:
    """Nothing tells the `sub`: the step ends with an error about the limit, and post deletes by the name."""
    pool = world.pool(kind)
    world.aws.on("SignUp", after_effect(*LIMIT))
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, auth_flow="none"))

    told = the_error(main)
    assert told.startswith(f"SignUp failed with {LIMIT[0]}: {LIMIT[1]}")
    assert "50 a day" in told
    assert main.outputs == {}
    assert world.aws.calls[-1] == "SignUp"
    assert len(world.account.users(pool)) == 1
    leaves_no_one(world, job, pool)


@pytest.mark.parametrize("flow", ["none", "USER_SRP_AUTH"])
def test_limit_of_messages_in_a_phone_pool(world: World, flow: str) -> None:
    """Only the list of users shows who it was: post finds the user by number and address, and nobody else."""
    pool = world.pool("phone")
    not_a_number = refusing("InvalidParameterException", "Username should be a phone number.")
    world.aws.on("SignUp", not_a_number, after_effect(*LIMIT))
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, "ListUsers", phone_number=PHONE, auth_flow=flow))

    assert "50 a day" in the_error(main)
    assert len(world.account.users(pool)) == 1
    world.aws.calls.clear()
    leaves_no_one(world, job, pool)
    assert world.aws.calls[2:] == ["ListUsers", "AdminDeleteUser"]


def test_limit_that_creates_nobody(world: World) -> None:
    """A limit of another kind, such as that of the number of users: the error is about it, not about the client."""
    pool = world.pool("email")
    world.aws.on("SignUp", refusing("LimitExceededException", "Exceeded the limit of users."))
    job = world.job()

    told = the_error(job.main(sign_up_inputs(world, pool)))

    assert told.startswith("SignUp failed with LimitExceededException: Exceeded the limit of users.")
    assert "has as many users as it may" in told.replace("\n", " ")
    leaves_no_one(world, job, pool)
