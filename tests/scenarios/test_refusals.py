"""Every failure that a user can cause or meet: one annotation, ready to paste, exit 1, no user left behind."""

import json
import time
from collections.abc import Mapping

import pytest

from tests.support.the_error import the_error
from tests.support.world import World
from tools.emulator.account import PERMISSIONS
from tools.emulator.aws import ACCOUNT
from tools.emulator.http import Answer
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, Rule, refusing

PERMISSIONS_BLOCK = "permissions:\n  id-token: write\n  contents: read"


def test_job_without_id_token(world: World) -> None:
    """Without the permission, both lines of the block are printed, and no call is made."""
    main = world.job(world.bare_environ).main(world.inputs(world.pool()))

    assert PERMISSIONS_BLOCK in the_error(main)
    assert world.aws.calls == []


@pytest.mark.parametrize(
    ("event", "actor", "expected"),
    [
        ({"head": "stranger/octo-app", "base": "octo-org/octo-app"}, "stranger", "comes from a fork"),
        ({"head": "octo-org/octo-app", "base": "octo-org/octo-app"}, "dependabot[bot]", "started by Dependabot"),
    ],
)
def test_run_that_gets_no_token(world: World, event: Mapping[str, str], actor: str, expected: str) -> None:
    """Pull requests from forks and Dependabot's runs are identified as such."""
    job = world.job(world.bare_environ)
    payload = job.folder / "event.json"
    payload.write_text(
        json.dumps({"pull_request": {side: {"repo": {"full_name": name}} for side, name in event.items()}})
    )

    main = job.main(world.inputs(world.pool()), GITHUB_EVENT_PATH=str(payload), GITHUB_ACTOR=actor)

    assert expected in the_error(main)


@pytest.mark.parametrize(
    "sub", ["repo:octo-org/octo-app:environment:staging", "repo:octo-org@42/octo-app@123456789:ref:refs/heads/main"]
)
def test_trust_policy_that_refuses_the_token(world: World, sub: str) -> None:
    """The error shows the token's claims next to the role, and the condition with exactly this `sub`."""
    world.github.claims |= {"sub": sub, "environment": "staging"}
    inputs = world.inputs(world.pool())

    message = the_error(world.job().main(inputs))

    assert "AssumeRoleWithWebIdentity failed with AccessDenied" in message
    assert f"role: {inputs['role-to-assume']}\nsub: {sub}\naud: sts.amazonaws.com\n" in message
    assert "repository: octo-org/octo-app\nref: refs/heads/main\nenvironment: staging" in message
    assert f'"token.actions.githubusercontent.com:sub": "{sub}"' in message
    assert '"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"' in message
    assert ("immutable form" in message) == ("@" in sub)
    assert world.aws.calls == ["GetIDToken", "AssumeRoleWithWebIdentity"]


@pytest.mark.parametrize(
    ("code", "text", "status", "expected"),
    [
        (
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com",
            400,
            "aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com",
        ),
        ("InvalidIdentityToken", "Incorrect token audience", 400, "add-client-id-to-open-id-connect-provider"),
        ("IDPRejectedClaim", "rejected", 403, "rejected a claim"),
        ("RegionDisabledException", "STS is not activated", 403, "STS is disabled in us-east-1"),
        ("ValidationError", "1 validation error detected", 400, "role-session-name"),
        ("SomethingNew", "never seen", 400, "SomethingNew: never seen"),
    ],
)
def test_sts_refuses(world: World, code: str, text: str, status: int, expected: str) -> None:
    """What cannot change is tried only once, and explained."""
    world.aws.on("AssumeRoleWithWebIdentity", refusing(code, text, status))

    message = the_error(world.job().main(world.inputs(world.pool())))

    assert expected in message
    assert world.aws.calls.count("AssumeRoleWithWebIdentity") == 1


@pytest.mark.parametrize("missing", PERMISSIONS[:2])
def test_permission_is_missing(world: World, missing: str) -> None:
    """The statement to add names the pool's ARN, and any user created by then is deleted."""
    pool = world.pool()
    job = world.job()
    inputs = world.inputs(pool)
    inputs["role-to-assume"] = world.role(pool, [name for name in PERMISSIONS if name != missing])

    message = the_error(job.main(inputs))

    assert f"{missing} failed with AccessDeniedException" in message
    statement = json.loads(message[message.index("{") :])
    assert statement == {
        "Effect": "Allow",
        "Action": [f"cognito-idp:{name}" for name in PERMISSIONS],
        "Resource": f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{pool}",
    }
    assert job.post().exit_code == 0
    assert world.account.users(pool) == []


def test_permission_to_delete_is_missing(world: World) -> None:
    """Post prints the statement and the command."""
    pool = world.pool()
    job = world.job()
    inputs = world.inputs(pool)
    inputs["role-to-assume"] = world.role(pool, PERMISSIONS[:2])
    assert job.main(inputs).exit_code == 0

    post = job.post()

    assert post.exit_code == 0
    assert '"cognito-idp:AdminDeleteUser"' in post.annotations[0].message
    assert "aws cognito-idp admin-delete-user" in post.annotations[0].message


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("ResourceNotFoundException", "User pool us-east-1_x does not exist.", "names another place than AWS"),
        (
            "InvalidParameterException",
            "Attributes did not conform to the schema: name: The attribute is required",
            "`attributes`",
        ),
        ("UsernameExistsException", "User account already exists", "was left alone"),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "does not know these credentials",
        ),
    ],
)
def test_refusal_that_proves_that_nothing_was_created(world: World, code: str, text: str, expected: str) -> None:
    """It is not tried again, it is explained, and the user is removed from the state."""
    main, job = _refused_creation(world, code, text, expected)

    assert main.state["user-1"] == ""
    _post_has_nothing_to_do(world, job)


@pytest.mark.parametrize("created", [False, True])
@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("InvalidParameterException", "Something is not as it should be", "`attributes`"),
        ("UserLambdaValidationException", "PreSignUp failed with error not you.", "pre sign-up trigger"),
        ("UnexpectedLambdaException", "PreSignUp failed with error boom.", "CloudWatch"),
        ("InvalidLambdaResponseException", "Unrecognizable lambda output", "Lambda trigger"),
        ("CodeDeliveryFailureException", "Unable to deliver message", "CodeDeliveryFailureException: Unable"),
        ("AliasExistsException", "An account with the phone_number already exists.", "was left alone"),
        ("NotAuthorizedException", "suspended", "Cognito console"),
        ("OperationNotEnabledException", "read only", "OperationNotEnabledException: read only"),
    ],
)
def test_refusal_that_proves_nothing(world: World, code: str, text: str, expected: str, *, created: bool) -> None:
    """It is not tried again, and it is explained; whether or not the user was created, post leaves no one, at once."""
    main, job = _refused_creation(world, code, text, expected, created=created)

    assert json.loads(main.state["user-1"])["unanswered"] == 0
    started = time.monotonic()
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, [])
    assert time.monotonic() - started < 10
    assert world.aws.calls.count("AdminDeleteUser") == 1


def _refused_creation(world: World, code: str, text: str, expected: str, *, created: bool = False) -> tuple[Stage, Job]:
    """Run a main whose creation is refused, perhaps after it took effect, and check what it says."""
    pool = world.pool()
    job = world.job()

    def refuse(call: Call) -> Answer:
        if created:
            call.forward()
        return call.refuse(code, text)

    world.aws.on("AdminCreateUser", refuse)

    main = job.main(world.inputs(pool))

    message = the_error(main)
    assert f"AdminCreateUser failed with {code}: {text}" in message
    assert expected in message
    assert world.aws.calls.count("AdminCreateUser") == 1
    assert len(world.account.users(pool)) == int(created)
    return main, job


def test_policy_that_no_password_meets(world: World) -> None:
    """A second refusal of the password is final."""
    pool = world.pool()
    job = world.job()
    refusal: Rule = refusing("InvalidPasswordException", "Password did not conform with policy")
    world.aws.on("AdminCreateUser", refusal, refusal)

    assert "change the pool's password policy" in the_error(job.main(world.inputs(pool)))
    assert world.aws.calls.count("AdminCreateUser") == 2
    _post_has_nothing_to_do(world, job)


def test_unknown_pool(world: World) -> None:
    """A pool that the role's account does not have is reported as such."""
    pool = world.pool()
    job = world.job()
    inputs = world.inputs(pool)
    world.account.cognito.delete_user_pool(UserPoolId=pool)

    assert "does not have what this call needs" in the_error(job.main(inputs))
    _post_has_nothing_to_do(world, job)


def test_role_of_another_partition(world: World) -> None:
    """A role in GovCloud can't reach a commercial pool, and no AWS call is needed to find that out."""
    inputs = {"user-pool-id": world.pool(), "role-to-assume": "arn:aws-us-gov:iam::123456789012:role/ci"}

    assert "different partitions" in the_error(world.job().main(inputs))
    assert set(world.aws.calls) <= {"GetIDToken"}


def test_variable_that_the_sdk_does_not_accept(world: World) -> None:
    """A broken `AWS_*` variable of the job is named as the cause, instead of a bug in the action."""
    job = world.job({**world.environ, "AWS_ENDPOINT_URL": "banana"})

    message = the_error(job.main(world.inputs(world.pool())))

    assert "banana" in message
    assert "`AWS_ENDPOINT_URL` has to be a URL" in message


def test_host_that_does_not_exist(world: World) -> None:
    """An unknown host name is looked up once, and the error points to the variable that has it."""
    job = world.job({**world.environ, "AWS_ENDPOINT_URL": "http://cognito.invalid"})

    message = the_error(job.main(world.inputs(world.pool())))

    assert "AssumeRoleWithWebIdentity failed with UnknownHost" in message
    assert "`AWS_ENDPOINT_URL` names a host" in message
    assert world.aws.calls == ["GetIDToken"]


def test_bad_inputs_are_reported_together_before_any_call(world: World) -> None:
    """Every bad input is named at once, by its workflow name."""
    main = world.job().main(
        {
            "role-to-assume": "arn:aws:iam::12:role/x",
            "password-length": "7",
            "cleanup": "yes",
            "attributes": "email=a@example.com",
            "phone-number": "5555550123",
        }
    )

    message = the_error(main)

    for name in ("user-pool-id", "role-to-assume", "password-length", "cleanup", "attributes", "phone-number"):
        assert f"- {name}: " in message
    assert world.aws.calls == []


def _post_has_nothing_to_do(world: World, job: Job) -> None:
    world.aws.calls.clear()
    assert job.post().exit_code == 0
    assert world.aws.calls == []
