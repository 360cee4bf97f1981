"""Whose app client it is: `SignUp` names no pool, so a client of another pool would create the user there."""

import json
import shlex

import pytest

from tests.support.infra import deploy, redeploy
from tests.support.sign_up import PERMISSIONS, SESSION, SIGN_UP, sign_up_inputs
from tests.support.the_error import the_error
from tests.support.triggers import trigger
from tests.support.world import World
from tools.emulator.aws import REGION
from tools.emulator.proxy import refusing

PROOF = "AdminInitiateAuth"

THREE = "one:\ntwo:\nthree:\n"

NO_CLIENT = "There is no such app client in this pool."

YES = refusing("NotAuthorizedException", "Invalid Refresh Token")
"""How a pool answers the proof if the client is its own."""

AUTO_CONFIRM = """
export const handler = async (event) => {
  event.response.autoConfirmUser = true
  return event
}
"""


@pytest.mark.parametrize("users", ["", THREE])
def test_client_of_another_pool(world: World, users: str) -> None:
    """Nobody signs up anywhere, there is nothing to delete, and the right client is all that is missing."""
    pool, other = world.pool("email"), world.pool("email")
    client = world.app_client(other)
    inputs = sign_up_inputs(world, pool, users=users)
    job = world.job()

    main = job.main({**inputs, "client-id": client})

    told = the_error(main)
    assert told.startswith("User one: " * bool(users) + f"{PROOF} failed with ResourceNotFoundException")
    assert f"{client} " in told
    assert NO_CLIENT in told
    assert told.endswith(f"Check `client-id`: it is the ID, not the name, of an app client of {pool}.")
    assert world.aws.calls == [*SESSION, PROOF]
    assert [world.account.users(each) for each in (pool, other)] == [[], []]
    assert job.post().log == ["There is no user to delete."]
    [right] = world.account.cognito.list_user_pool_clients(UserPoolId=pool)["UserPoolClients"]
    main = world.job().main({**inputs, "client-id": right["ClientId"]})
    assert (main.exit_code, main.annotations) == (0, []), main.log


def test_client_that_does_not_exist(world: World) -> None:
    """The error names it."""
    pool = world.pool()

    told = the_error(world.job().main(sign_up_inputs(world, pool, client_id="1h57kf5cpq17m0eml12EXAMPLE")))

    assert "1h57kf5cpq17m0eml12EXAMPLE" in told
    assert NO_CLIENT in told
    assert world.aws.calls == [*SESSION, PROOF]


def test_pool_that_does_not_exist(world: World) -> None:
    """It is told from a missing client."""
    pool = world.pool()
    inputs = sign_up_inputs(world, pool)
    world.account.cognito.delete_user_pool(UserPoolId=pool)

    told = the_error(world.job().main(inputs))

    assert f"{PROOF} failed with ResourceNotFoundException: User pool {pool} does not exist." in told
    assert NO_CLIENT not in told
    assert world.aws.calls == [*SESSION, PROOF]


@pytest.mark.parametrize("missing", PERMISSIONS[:3])
def test_role_lacks_a_permission(world: World, missing: str) -> None:
    """The statement in the error is all that a role needs; without the proof, nobody signs up."""
    pool = world.pool("email")
    inputs = sign_up_inputs(world, pool)
    inputs["role-to-assume"] = world.role(pool, [name for name in PERMISSIONS if name != missing])
    job = world.job()

    told = the_error(job.main(inputs))

    assert told.startswith(f"{missing} failed with AccessDeniedException")
    assert "deploy it again with `SignUp=true` (Terraform: `sign_up = true`)" in told
    assert ("SignUp" in world.aws.calls) is (missing != PROOF)
    statement = json.JSONDecoder().raw_decode(told[told.index("{") :])[0]
    assert statement["Action"] == [f"cognito-idp:{name}" for name in PERMISSIONS]
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert world.account.users(pool) == []
    world.account.client("iam").put_role_policy(
        RoleName=inputs["role-to-assume"].rpartition("/")[2],
        PolicyName="cognito-test-user",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    main = world.job().main(inputs)
    assert (main.exit_code, main.annotations) == (0, []), main.log


def test_role_of_the_template_lacks_its_switch(world: World) -> None:
    """Deployed again as the error says, it is enough."""
    pool = world.pool("email")
    role = deploy(world, pool)
    inputs = {**sign_up_inputs(world, pool), "role-to-assume": role}

    assert "deploy it again with `SignUp=true`" in the_error(world.job().main(inputs))

    assert redeploy(world, role, SignUp="true") == role
    main = world.job().main(inputs)
    assert (main.exit_code, main.annotations) == (0, []), main.log


# A proof that is wrong


@pytest.mark.parametrize("confirmed", [False, True], ids=["unconfirmed", "confirmed"])
@pytest.mark.parametrize("users", ["", THREE])
def test_foreign_client_that_the_proof_lets_through(world: World, users: str, *, confirmed: bool) -> None:
    """One user comes to be in the other pool, and no more; the error names it with a command that deletes it."""
    settings = {"LambdaConfig": {"PreSignUp": trigger(world, AUTO_CONFIRM)}} if confirmed else {}
    pool, other = world.pool("email"), world.pool("email", **settings)
    client = world.app_client(other)
    world.aws.on(PROOF, YES)
    job = world.job()

    main = job.main(sign_up_inputs(world, pool, users=users, client_id=client))

    told = the_error(main)
    [sub] = world.account.users(other)
    first = "AdminUpdateUserAttributes" if confirmed else "AdminConfirmSignUp"
    assert told.startswith("User one: " * bool(users) + f"{first} failed with UserNotFoundException")
    assert f"user: {sub}\nsigned up by the app client: {client}\nnot in: {pool}" in told
    assert world.aws.calls == [*SESSION, *(call for call in SIGN_UP[:3] if call != "AdminConfirmSignUp"), first]
    assert (main.outputs["sub"], "username" in main.outputs, world.account.users(pool)) == (sub, False, [])
    post = job.post()
    assert (post.exit_code, post.annotations, world.account.users(other)) == (0, [], [sub])
    [line] = [line for line in told.split("\n") if line.startswith("aws cognito-idp admin-delete-user ")]
    words = shlex.split(line)[3:]
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options == {
        "--region": REGION,
        "--user-pool-id": f"<pool of {client}>",
        "--username": sub,
        "--endpoint-url": world.aws.url,
    }
    world.account.cognito.admin_delete_user(UserPoolId=other, Username=options["--username"])
    assert world.account.users(other) == []
