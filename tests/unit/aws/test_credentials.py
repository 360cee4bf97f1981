"""The role: limited to one pool and the calls of its step, and unaffected by what the job left behind."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cognito_action.aws.connect import connect
from cognito_action.aws.credentials import Connection, assume_role
from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import Role
from cognito_action.aws.prefetch import Prefetch
from cognito_action.claims import claims_of
from cognito_action.errors import ActionError, CallError
from cognito_action.identifiers import PoolAddress, region_of
from cognito_action.network.connections import Network
from cognito_action.retry import Limits, Retry
from tests.support.environment import poisoned
from tests.support.examples import POOL, POOL_ARN, POOL_ID, ROLE_ARN
from tests.support.fake_time import FakeTime, at_once
from tests.support.recorder import Recorder
from tests.support.scripted_aws import GRANTED, ScriptedAws, cognito_refusal, sts_refusal
from tests.support.sockets import closed_port, refusing, running_proxy
from tools.emulator.github import TokenService
from tools.emulator.http import Answer
from tools.emulator.job import Job
from tools.emulator.workflow_commands import parse_line

ROLE = Role(ROLE_ARN, "cognito-1-1", "sts.amazonaws.com")

ASSUME = "AssumeRoleWithWebIdentity"


def assume(
    github: TokenService, recorder: Recorder, time: FakeTime, role: Role = ROLE, pool_id: str = POOL_ID
) -> Connection:
    """Connect with a role, for one operation."""
    return connect(
        role,
        PoolAddress(pool_id, region_of(pool_id)),
        ["AdminDeleteUser"],
        Prefetch(github.environ, recorder.runner),
        time.retry(),
        recorder.runner,
    )


def refused(github: TokenService, recorder: Recorder, time: FakeTime) -> ActionError:
    """The error if the role can't be assumed."""
    with pytest.raises(ActionError) as caught:
        assume(github, recorder, time)
    return caught.value


def ambient_access(
    recorder: Recorder, time: FakeTime, pool_id: str = POOL_ID, environ: Mapping[str, str] | None = None
) -> Connection:
    """Connect with what the environment contains; `environ` is what the network and the runner see of it."""
    return connect(
        None,
        PoolAddress(pool_id, region_of(pool_id)),
        ["AdminDeleteUser"],
        Prefetch(environ or {}, recorder.runner),
        time.retry(),
        recorder.runner,
    )


def ambient_failure(recorder: Recorder, time: FakeTime, environ: Mapping[str, str] | None = None) -> ActionError:
    """The error if that can't be done."""
    with pytest.raises(ActionError) as caught:
        ambient_access(recorder, time, environ=environ)
    return caught.value


# The session


def test_role_is_assumed_for_the_shortest_time_and_with_the_policy(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """STS is called once, with GitHub's token, for 900 seconds and these operations."""
    role = Role(ROLE_ARN, "name-of-session", "audience-of-mine")

    early = Prefetch(github.environ, recorder.runner)
    connect(role, POOL, ["AdminCreateUser", "ListUsers"], early, time.retry(), recorder.runner)

    [call] = aws.calls
    assert call.parameters == {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": "arn:aws:iam::123456789012:role/ci",
        "RoleSessionName": "name-of-session",
        "WebIdentityToken": github.tokens[0],
        "DurationSeconds": "900",
        "Policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":["cognito-idp:AdminCreateUser","cognito-idp:ListUsers"],"Resource":'
        '"arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI"}]}',
    }
    assert claims_of(github.tokens[0])["aud"] == "audience-of-mine"


@pytest.mark.usefixtures("ambient")
def test_sts_call_is_not_signed(aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime) -> None:
    """The job's own credentials are used neither in the call nor in the session."""
    access = assume(github, recorder, time)
    access.client.admin_delete_user(UserPoolId=POOL_ID, Username="x")

    [sts, cognito] = aws.calls
    assert "Authorization" not in sts.headers
    assert "Credential=ASIASESSIONEXAMPLE00/" in cognito.headers["Authorization"]
    assert cognito.headers["X-Amz-Security-Token"] == "session-token"


def test_session_is_masked_and_the_role_logged(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """The token and then all three values of the session are masked before anything else is logged."""
    access = assume(github, recorder, time)

    assert aws.operations == [ASSUME]
    assert [parse_line(line) for line in recorder.stage.stdout.splitlines()[4:]] == [None]
    assert recorder.stage.masks.secrets == {
        github.tokens[0],
        "ASIASESSIONEXAMPLE00",
        "session-secret-access-key",
        "session-token",
    }
    assert recorder.stage.log == ["Assumed arn:aws:iam::123456789012:role/ci as cognito-1-1."]
    assert (access.pool.arn, access.credentials) == (POOL_ARN, "")


@pytest.mark.parametrize("name", ["AccessKeyId", "SecretAccessKey", "SessionToken"])
@pytest.mark.parametrize("value", [None, "", "&#13;", "a secret", "a&#10;::error::secret", "é"])
def test_session_that_no_request_can_carry_is_refused(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, name: str, value: str | None
) -> None:
    """A value that is missing or not valid in a header is an answer that can't be read, and is not shown."""
    element = "" if value is None else f"<{name}>{value}</{name}>"
    body = re.sub(f"<{name}>.*</{name}>", element, GRANTED.body.decode())
    aws.on(ASSUME, *[replace(GRANTED, body=body.encode())] * 20)

    error = refused(github, recorder, time)

    assert error.what == f"{ASSUME} failed with ForeignAnswer: the answer could not be read"
    assert recorder.stage.masks.secrets == set(github.tokens)


def test_arn_of_the_pool_follows_the_role(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """Account and partition are the role's, the region is the pool's."""
    role = Role("arn:aws-us-gov:iam::210987654321:role/ci", "session", "sts.amazonaws.com")

    access = assume(github, recorder, time, role, "us-gov-west-1_AbC")

    assert access.pool.arn == "arn:aws-us-gov:cognito-idp:us-gov-west-1:210987654321:userpool/us-gov-west-1_AbC"
    assert json.loads(aws.calls[0].parameters["Policy"])["Statement"][0]["Resource"] == access.pool.arn


@pytest.mark.parametrize(
    ("partition", "pool_id"),
    [
        ("aws-us-gov", "eu-central-1_AbC"),
        ("aws-cn", "eu-central-1_AbC"),
        ("aws", "us-gov-west-1_AbC"),
        ("aws", "cn-north-1_AbC"),
        ("aws-cn", "us-gov-west-1_AbC"),
        ("aws", "eusc-de-east-1_AbC"),
        ("aws-nowhere", "eu-central-1_AbC"),
    ],
)
def test_role_of_another_partition_is_refused_before_any_call(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, partition: str, pool_id: str
) -> None:
    """Partitions share nothing, so no request could succeed."""
    arn = f"arn:{partition}:iam::123456789012:role/ci"

    with pytest.raises(ActionError) as caught:
        assume(github, recorder, time, Role(arn, "session", "a"), pool_id)

    assert caught.value.what == f"The role {arn} and a user pool in {region_of(pool_id)} can't work together."
    assert (aws.calls, time.pauses, recorder.stage.log) == ([], [], [])


@pytest.mark.parametrize(
    ("partition", "pool_id"),
    [
        ("aws", "eu-central-1_AbC"),
        ("aws", "xx-nowhere-1_AbC"),
        ("aws-us-gov", "us-gov-west-1_AbC"),
        ("aws-cn", "cn-north-1_AbC"),
        ("aws-eusc", "eusc-de-east-1_AbC"),
    ],
)
def test_role_of_the_pools_partition_is_assumed(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, partition: str, pool_id: str
) -> None:
    """Every partition works with itself, and a region that the SDK does not know gets its partition from its form."""
    assume(github, recorder, time, Role(f"arn:{partition}:iam::123456789012:role/ci", "session", "a"), pool_id)

    assert aws.operations == [ASSUME]


@pytest.mark.parametrize(
    ("arn", "pool_id", "host"),
    [
        (ROLE_ARN, "us-east-1_AbC", "sts.us-east-1.amazonaws.com:443"),
        (ROLE_ARN, "eu-central-1_AbC", "sts.eu-central-1.amazonaws.com:443"),
        ("arn:aws-us-gov:iam::123456789012:role/ci", "us-gov-west-1_AbC", "sts.us-gov-west-1.amazonaws.com:443"),
    ],
)
@pytest.mark.parametrize("setting", ["regional", "legacy"])
def test_sts_is_called_in_the_region_of_the_pool(
    github: TokenService,
    recorder: Recorder,
    time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    arn: str,
    pool_id: str,
    host: str,
) -> None:
    """No job setting sends the call to the global endpoint."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", setting)
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")

    role = Role(arn, "session", "a")
    with running_proxy(refusal=refusing(403)) as proxy:
        environ = {**github.environ, "https_proxy": f"http://127.0.0.1:{proxy.port}"}
        with pytest.raises(ActionError) as caught:
            connect(
                role,
                PoolAddress(pool_id, region_of(pool_id)),
                ["AdminDeleteUser"],
                Prefetch(environ, recorder.runner),
                time.retry(),
                recorder.runner,
            )

    assert proxy.requests == [f"CONNECT {host}"]
    assert caught.value.what.startswith("AssumeRoleWithWebIdentity failed with ProxyError: the proxy http://127.0.0.1:")


def test_cognito_is_called_in_the_region_of_the_pool(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's region is the pool's, whatever the job's variables say, and it retries nothing by itself."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    access = assume(github, recorder, time)
    aws.on("AdminDeleteUser", *[cognito_refusal("InternalErrorException", "no", 500)] * 2)

    with pytest.raises(access.client.exceptions.InternalErrorException):
        access.client.admin_delete_user(UserPoolId=POOL_ID, Username="x")

    assert access.client.meta.region_name == "eu-central-1"
    assert aws.operations == [ASSUME, "AdminDeleteUser"]
    assert "cognito-test-user" in aws.calls[0].headers["User-Agent"]


# What the job left behind


def test_profile_and_files_of_the_job_are_ignored_with_a_role(
    aws: ScriptedAws,
    github: TokenService,
    recorder: Recorder,
    time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A nonexistent profile and broken files are not even read."""
    for name, value in poisoned(tmp_path).items():
        monkeypatch.setenv(name, value)

    access = assume(github, recorder, time)
    access.client.admin_delete_user(UserPoolId=POOL_ID, Username="x")

    assert aws.operations == [ASSUME, "AdminDeleteUser"]


def test_broken_credentials_of_the_job_are_ignored_with_a_role(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a pair of credentials would end any search for credentials: with a role, there is no search."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAAMBIENTEXAMPLE00")

    assume(github, recorder, time)

    assert aws.operations == [ASSUME]


POISONED = {"AWS_PROFILE": "nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}


def test_whole_step_with_a_role_reads_nothing_in_the_home_folder(
    aws: ScriptedAws, github: TokenService, tmp_path: Path
) -> None:
    """A separate process, whose home folder has broken files and models from the start, gets as far as Cognito."""
    poisoned(tmp_path)
    aws.on("AdminCreateUser", cognito_refusal("NotAuthorizedException"))
    environ = {**github.environ, **POISONED, "AWS_ENDPOINT_URL": aws.url}

    main = Job(tmp_path, environ).main({"user-pool-id": POOL_ID, "role-to-assume": ROLE_ARN})

    assert aws.operations == [ASSUME, "AdminCreateUser"]
    [annotation] = main.annotations
    assert annotation.message.startswith("AdminCreateUser failed with NotAuthorizedException: no")


@pytest.mark.usefixtures("ambient")
def test_files_of_the_job_are_read_without_a_role(recorder: Recorder, time: FakeTime, tmp_path: Path) -> None:
    """Without a role, the home folder is read as usual, and broken files are an explained error."""
    poisoned(tmp_path)

    error = ambient_failure(recorder, time)

    assert error.what.startswith("The search for AWS credentials failed with ConfigParseError: ")


def test_invalid_endpoint_is_an_explained_error_with_a_role(
    github: TokenService, recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable of the job that no client can be created with is named."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "banana")

    error = refused(github, recorder, time)

    assert error.what == "The AWS SDK can't be set up: Invalid endpoint: banana"
    assert recorder.stage.log == []


@pytest.mark.usefixtures("ambient")
def test_invalid_endpoint_is_an_explained_error_without_a_role(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credentials are not blamed for it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "banana")

    error = ambient_failure(recorder, time)

    assert error.what == "The AWS SDK can't be set up: Invalid endpoint: banana"


def test_credentials_variable_that_the_sdk_does_not_accept(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credential chain reads its own variables, and what it does not accept is named as well."""
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "x")

    error = ambient_failure(recorder, time)

    assert error.what.startswith("The search for AWS credentials failed with ValueError: invalid literal for int()")
    assert "et `role-to-assume`" in error.fix


def test_what_the_sdk_does_not_accept_is_told_without_secrets(
    time: FakeTime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Python's own errors repeat a value, which may be in the wrong variable."""
    recorder = Recorder(tmp_path, AWS_SESSION_TOKEN="the-session-token")
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "the-session-token")

    error = ambient_failure(recorder, time)

    assert error.what.endswith("invalid literal for int() with base 10: '***'")


# Tokens that may not come again


class Tokens:
    """Those of a file, which holds the same one each time, or of a command."""

    def __init__(self, *, renewable: bool) -> None:
        self.renewable = renewable
        self.asked = 0

    def prefetch(self) -> None:
        """Do nothing."""

    def new(self) -> str:
        self.asked += 1
        return "a.b.c"


def assume_with(tokens: Tokens, recorder: Recorder, time: FakeTime, seconds: int = 900) -> Connection:
    network = Network({})
    return assume_role(ROLE, tokens, POOL, "{}", seconds, network, None, time.retry(), recorder.runner)


def test_session_lasts_as_long_as_was_asked_for(aws: ScriptedAws, recorder: Recorder, time: FakeTime) -> None:
    """And says when it ends."""
    connection = assume_with(Tokens(renewable=False), recorder, time, 3600)

    assert aws.calls[0].parameters["DurationSeconds"] == "3600"
    assert connection.expires == datetime(2040, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("renewable", "asked"), [(True, 2), (False, 1)])
def test_old_token_is_not_sent_again(
    aws: ScriptedAws, recorder: Recorder, time: FakeTime, asked: int, *, renewable: bool
) -> None:
    """The file would hold the same one, which is as old as before."""
    aws.on(ASSUME, sts_refusal("ExpiredTokenException", "Token expired"))
    tokens = Tokens(renewable=renewable)

    if renewable:
        assume_with(tokens, recorder, time)
    else:
        with pytest.raises(ActionError, match="ExpiredTokenException"):
            assume_with(tokens, recorder, time)

    assert tokens.asked == asked


def test_other_refusals_can_change_whatever_the_token_is(aws: ScriptedAws, recorder: Recorder, time: FakeTime) -> None:
    """They say nothing of its age."""
    aws.on(ASSUME, sts_refusal("IDPCommunicationError", "Error communicating with IDP"))
    tokens = Tokens(renewable=False)

    assume_with(tokens, recorder, time)

    assert tokens.asked == 2


# What is retried


@pytest.mark.parametrize(
    "answer",
    [
        sts_refusal("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
        sts_refusal("IDPCommunicationError", "Error communicating with IDP"),
        sts_refusal("ExpiredTokenException", "Token must expire in the future"),
        sts_refusal("Throttling", "Rate exceeded"),
        sts_refusal("InternalFailure", "", 500),
        Answer(503, b"<html></html>"),
        Answer(403, b"<html><title>Blocked</title></html>", {"Content-Type": "text/html"}),
        Answer(302, b"", {"Location": "/elsewhere"}),
        Answer(200, b"garbage"),
        replace(GRANTED, body=GRANTED.body[:200]),
        replace(GRANTED, broken_off=True),
        None,
    ],
)
def test_each_attempt_uses_a_fresh_token(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, answer: Answer | None
) -> None:
    """What can change is retried, and a token that was refused once is not sent a second time."""
    aws.on(ASSUME, answer, answer)
    time.share = 0.1

    assume(github, recorder, time)

    assert aws.operations == [ASSUME] * 3
    assert [call.parameters["WebIdentityToken"] for call in aws.calls] == github.tokens
    assert len(set(github.tokens)) == 3
    assert set(github.tokens) <= recorder.stage.masks.secrets
    assert len(time.reports) == 2


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://x"),
        ("InvalidIdentityToken", "Incorrect token audience"),
        ("IDPRejectedClaim", "no"),
        ("RegionDisabledException", "no"),
    ],
)
def test_refusal_that_cannot_change_is_final(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime, code: str, message: str
) -> None:
    """One token, one call, and an explained error."""
    aws.on(ASSUME, sts_refusal(code, message, 403))

    error = refused(github, recorder, time)

    assert error.what == f"{ASSUME} failed with {code}: {message}"
    assert (len(github.tokens), aws.operations, time.pauses) == (1, [ASSUME], [])


def test_refusal_shows_the_claims_of_the_last_token(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """The trust policy to paste contains what this job's token says, but never the token."""
    aws.on(ASSUME, sts_refusal("AccessDenied", "Not authorized", 403))

    error = refused(github, recorder, time)

    assert '"token.actions.githubusercontent.com:sub": "repo:octo-org/octo-app:ref:refs/heads/main"' in error.paste
    assert github.tokens[0] not in error.markdown


def test_missing_token_is_retried_and_then_reported(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """If GitHub's service fails until the deadline, STS is never called."""
    github.respond = lambda _: Answer(500, b"{}")

    error = refused(github, recorder, time)

    assert error.what.startswith("The request for GitHub's ID token failed with 500: ")
    assert len(time.pauses) == 5
    assert aws.operations == []


def test_refused_token_request_is_final(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """What the service itself refuses is not retried."""
    github.respond = lambda _: Answer(401, b"{}")

    error = refused(github, recorder, time)

    assert error.what.startswith("The request for GitHub's ID token failed with 401: ")
    assert (time.pauses, aws.operations) == ([], [])


def test_token_host_that_does_not_exist_is_tried_once(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """There is no pause, and the error is about GitHub's host, not about the pool's region."""
    error = refused(replace(github, url="http://[fe80::1%none]/token?api-version=2.0"), recorder, time)

    assert error.what.startswith("The request for GitHub's ID token failed with UnknownHost: ")
    assert "`ACTIONS_ID_TOKEN_REQUEST_URL`" in error.fix
    assert (time.pauses, aws.operations) == ([], [])


def test_job_without_the_permission_gets_an_error(aws: ScriptedAws, recorder: Recorder, time: FakeTime) -> None:
    """The missing permission is not a failure that is retried."""
    with pytest.raises(ActionError) as caught:
        connect(ROLE, POOL, ["AdminDeleteUser"], Prefetch({}, recorder.runner), time.retry(), recorder.runner)

    assert caught.value.what == "GitHub gives this job no ID token, so the role can't be assumed."
    assert (time.pauses, aws.operations) == ([], [])


def test_page_in_place_of_the_session_is_told_as_what_it_is(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """The role is not blamed for what stands between, which is named until the deadline."""
    page = Answer(403, b"<html><title>Blocked by policy</title></html>", {"Content-Type": "text/html"})
    aws.on(ASSUME, *[page] * 20)

    error = refused(github, recorder, time)

    host = aws.url.removeprefix("http://")
    assert error.what == (
        f'{ASSUME} failed with ForeignAnswer: {host} answered with status 403, text/html, titled "Blocked by policy"'
    )
    assert "`AWS_ENDPOINT_URL` names answered as no service of AWS does" in error.why
    assert len(time.pauses) > 2


def test_proxy_that_refuses_is_told_once(github: TokenService, recorder: Recorder, time: FakeTime) -> None:
    """It is no failure of the role, and nothing that changes by itself; its password is not in it."""
    with running_proxy(refusal=refusing(407)) as proxy:
        environ = {**github.environ, "HTTPS_PROXY": f"http://someone:password@127.0.0.1:{proxy.port}"}
        early = Prefetch(environ, recorder.runner)
        with pytest.raises(ActionError) as caught:
            connect(ROLE, POOL, ["AdminDeleteUser"], early, time.retry(), recorder.runner)

    assert caught.value.what == (
        f"{ASSUME} failed with ProxyLogin: the proxy http://127.0.0.1:{proxy.port} (HTTPS_PROXY) answered 407 to the "
        "connection to sts.eu-central-1.amazonaws.com"
    )
    assert "The proxy wants another user or password than `HTTPS_PROXY` has." in caught.value.why
    assert (len(proxy.requests), time.pauses) == (1, [])


# The endpoints

OTHER = Endpoints("http://127.0.0.1:1", "http://127.0.0.1:1", fips=False, dual_stack=False)


def test_endpoints_that_were_used_are_handed_on(
    aws: ScriptedAws, github: TokenService, recorder: Recorder, time: FakeTime
) -> None:
    """Post takes those of main."""
    source = "AWS_ENDPOINT_URL"
    endpoints = Endpoints(aws.url, aws.url, False, False, source, source, aws.url, source)  # noqa: FBT003

    assert assume(github, recorder, time).endpoints == endpoints


@pytest.mark.usefixtures("ambient")
@pytest.mark.parametrize("role", [ROLE, None])
def test_given_endpoints_are_used(
    aws: ScriptedAws,
    github: TokenService,
    recorder: Recorder,
    time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
    role: Role | None,
) -> None:
    """What is set by then plays no part, with a role and without."""
    given = Endpoints(aws.url, aws.url, fips=False, dual_stack=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", OTHER.sts)

    early = Prefetch(github.environ, recorder.runner)
    access = connect(role, POOL, ["AdminDeleteUser"], early, time.retry(), recorder.runner, given)
    access.user_pool(time.retry()).delete_user("x")

    assert aws.operations == ([ASSUME] if role else []) + ["AdminDeleteUser"]
    assert access.endpoints == given


# The environment's credentials


@pytest.mark.usefixtures("ambient")
def test_environment_credentials_are_used_without_a_role(aws: ScriptedAws, recorder: Recorder, time: FakeTime) -> None:
    """No token, no session: Cognito is called with the credentials that are there."""
    access = ambient_access(recorder, time)
    access.client.admin_delete_user(UserPoolId=POOL_ID, Username="x")

    assert aws.operations == ["AdminDeleteUser"]
    assert "Credential=AKIAAMBIENTEXAMPLE00/" in aws.calls[0].headers["Authorization"]
    assert "/eu-central-1/cognito-idp/" in aws.calls[0].headers["Authorization"]
    assert access.pool.arn == "arn:aws:cognito-idp:eu-central-1:<account>:userpool/eu-central-1_AbCdEfGhI"


def test_fingerprint_distinguishes_credentials_without_showing_the_key(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same key has the same digest, another key has another, and the key's id appears nowhere."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    digests = []
    for key_id in ("AKIAAMBIENTEXAMPLE00", "AKIAAMBIENTEXAMPLE00", "AKIAAMBIENTEXAMPLE01"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id)
        digests.append(ambient_access(recorder, time).credentials)

    assert digests == ["8be7c771f5111405", "8be7c771f5111405", "3eb3bf6a5653273c"]
    assert recorder.stage.stdout == ""


def test_job_without_credentials_gets_an_error(recorder: Recorder, time: FakeTime) -> None:
    """If there is neither a role nor credentials, the fix is a role."""
    error = ambient_failure(recorder, time)

    assert error.what == "There are no AWS credentials."
    assert "id-token: write\n  contents: read" in error.paste
    assert "role-to-assume" in error.paste


@pytest.mark.parametrize(
    ("variables", "what"),
    [
        ({"AWS_PROFILE": "nonexistent"}, "ProfileNotFound"),
        ({"AWS_ACCESS_KEY_ID": "AKIAAMBIENTEXAMPLE00"}, "PartialCredentialsError"),
    ],
)
def test_broken_credentials_are_an_explained_error(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], what: str
) -> None:
    """What the SDK can't make sense of is named, with the two possible fixes."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    error = ambient_failure(recorder, time)

    assert error.what.startswith(f"The search for AWS credentials failed with {what}: ")
    assert "et `role-to-assume`" in error.fix


@pytest.mark.usefixtures("ambient")
@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("end", ["\n", " x", "é", "\udcff"])
def test_credentials_that_no_request_can_carry_are_not_shown(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch, name: str, end: str
) -> None:
    """A secret that was pasted with a line break is named as such, before the SDK fails on it."""
    monkeypatch.setenv(name, f"a-pasted-secret{end}")

    error = ambient_failure(recorder, time)

    assert error.what.startswith("The search for AWS credentials failed with BrokenCredentials: they are empty, or ")
    assert "a-pasted-secret" not in error.markdown


@pytest.mark.parametrize("empty", ["aws_access_key_id", "aws_secret_access_key"])
def test_empty_credentials_are_an_explained_error(
    aws: ScriptedAws, recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty: str
) -> None:
    """A template whose secret was not set leaves such a file; the SDK would sign requests with it."""
    values = {"aws_access_key_id": "AKIAAMBIENTEXAMPLE00", "aws_secret_access_key": "a-secret", empty: ""}
    file = tmp_path / "credentials"
    file.write_text("[default]\n" + "".join(f"{name} = {value}\n" for name, value in values.items()), encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))

    error = ambient_failure(recorder, time)

    assert error.what.startswith("The search for AWS credentials failed with BrokenCredentials: they are empty, ")
    assert aws.calls == []


def test_credentials_file_that_is_not_in_the_container_is_named(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier step leaves variables that name files on the host."""
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE_ARN)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token")

    error = ambient_failure(recorder, time)

    assert error.what == (
        "The search for AWS credentials failed with FileNotFoundError: "
        "[Errno 2] No such file or directory: '/nonexistent/token'"
    )


@pytest.mark.usefixtures("ambient")
@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-nowhere-1", "aws"), ("us-gov-nowhere-1", "aws-us-gov"), ("cn-nowhere-1", "aws-cn"), ("xx-nowhere-1", "aws")],
)
def test_nonexistent_region_is_noticed_when_its_endpoint_is_not_found(
    recorder: Recorder, time: FakeTime, region: str, partition: str
) -> None:
    """A mistake in the region is well-formed: its form gives its partition, and it is not a bug in the action."""
    access = ambient_access(recorder, time, f"{region}_AbC")

    assert access.pool.arn == f"arn:{partition}:cognito-idp:{region}:<account>:userpool/{region}_AbC"


def test_secrets_of_found_credentials_are_left_out_of_refusals(
    aws: ScriptedAws, recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """AWS's own error text repeats the session token, wherever the SDK found it; no mask is set for it."""
    file = tmp_path / "credentials"
    file.write_text(
        "[default]\naws_access_key_id = AKIAAMBIENTEXAMPLE00\naws_secret_access_key = the-secret/key\n"
        "aws_session_token = the-session+token=\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    pool = ambient_access(recorder, time).user_pool(
        Retry(Limits(30), time.reports.append, time.clock, time.sleep, time.uniform, at_once, recorder.runner.redactor)
    )
    message = "The token the-session+token= (the-session%2Btoken%3D) does not match the-secret/key"
    aws.on("AdminDeleteUser", cognito_refusal("UnrecognizedClientException", message))

    with pytest.raises(CallError) as caught:
        pool.delete_user("x")

    assert caught.value.shown == "The token *** (***) does not match ***"
    assert recorder.stage.masks.secrets == set()


# The SDK's own search


@pytest.fixture
def web_identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables with which the SDK asks STS by itself."""
    (tmp_path / "token").write_text("a.b.c")
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE_ARN)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.mark.usefixtures("web_identity")
@pytest.mark.parametrize("password", ["one#two/three?four", "5/ab", "pa ss"])
def test_proxy_that_cuts_its_own_url_is_refused_before_the_search(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """The SDK would try it, and repeat a piece of the password each time."""
    url = f"http://someone:{password}@127.0.0.1:1"
    monkeypatch.setenv("https_proxy", url)

    error = ambient_failure(recorder, time, {"https_proxy": url})

    assert error.what.startswith(
        "The search for AWS credentials failed with ProxyURLError: https_proxy has a character "
    )
    assert "percent-encode # as %23" in error.what
    assert (time.reports, time.pauses) == ([], [])


@pytest.mark.usefixtures("web_identity")
def test_proxy_that_the_search_cannot_reach_is_not_quoted(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may be there a moment later, and the SDK's words for it are not repeated."""
    with closed_port() as port:
        url = f"http://someone:password@127.0.0.1:{port}"
        monkeypatch.setenv("https_proxy", url)
        error = ambient_failure(recorder, time, {"https_proxy": url})

    assert error.what == "The search for AWS credentials failed with NetworkError: the proxy could not be reached"
    assert len(time.reports) > 2
    assert "someone" not in "".join(time.reports)


@pytest.mark.usefixtures("web_identity")
def test_service_that_the_search_cannot_reach_is_asked_again(
    recorder: Recorder, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of the connection is none of the files, though Python knows both as errors of the system."""
    with closed_port() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        error = ambient_failure(recorder, time)

    assert error.what == (
        f"The search for AWS credentials failed with NetworkError: 127.0.0.1:{port}: Connection refused"
    )
    assert len(time.reports) > 2


@pytest.mark.usefixtures("web_identity")
def test_credentials_that_the_search_gets_from_sts_are_used(
    aws: ScriptedAws, recorder: Recorder, time: FakeTime
) -> None:
    """An earlier step left a role and a token, as cloud runners do."""
    ambient_access(recorder, time).user_pool(time.retry()).delete_user("x")

    assert aws.operations == [ASSUME, "AdminDeleteUser"]
    assert aws.calls[1].headers["X-Amz-Security-Token"] == "session-token"
    assert recorder.runner.redactor("the session-token") == "the ***"
