"""Everything the action can do, with debug logging on: every byte it leaves behind is searched for every secret."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cognito_action.text import QUOTE_LIMIT
from tests.support.identity_pools import identity_pool
from tests.support.mfa_pool import MfaPool
from tests.support.sign_in import app_client
from tests.support.sign_up import fill_in_form, sign_up_inputs
from tests.support.world import World
from tools.emulator.account import PERMISSIONS, Account
from tools.emulator.github import token_service
from tools.emulator.http import Answer, Request, serving
from tools.emulator.job import ROOT, Job, Stage
from tools.emulator.proxy import Call, Proxy, forwarding, losing_answer
from tools.emulator.workflow_commands import lines_of, parse_line

if TYPE_CHECKING:
    import subprocess

PHONE = "+15555550123"
ORIGIN = "https://app.example.com"
ADMIN = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]

SECRET = {
    *("TemporaryPassword", "Password", "PASSWORD", "WebIdentityToken", "SECRET_HASH", "SecretHash"),
    *("Session", "AccessToken", "IdToken", "RefreshToken", "SecretCode", "SecretKey", "SessionToken"),
}
"""Members of requests and answers that are secrets; STS answers in XML and has three more."""


class ListeningJob(Job):
    """A job with debug logging, whose processes also print the SDK's log; all folders are its own."""

    def entrypoint(self, _: str) -> str:
        return "tests/support/listening_step.py"

    def _launch(self, stage: str, variables: Mapping[str, str], files: Mapping[str, Path]) -> "subprocess.Popen[bytes]":
        executable = ROOT / super().entrypoint(stage).removeprefix("/action/")
        extra = {"EXECUTABLE": str(executable), "TMPDIR": str(self.folder), "RUNNER_DEBUG": "1"}
        return super()._launch(stage, {**variables, **extra}, files)


@dataclass
class Watch:
    """Collects every secret that went over the wire, and all jobs with what they left behind."""

    account: Account
    folder: Path
    secrets: set[str] = field(default_factory=set)
    jobs: list[Job] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def world(self) -> Iterator[World]:
        """A world whose calls are watched."""
        aws = Proxy(self.account.endpoint)
        with serving(lambda request: self._pass(aws, request)) as aws.url, token_service() as github:
            yield World(self.account, aws, github, self.folder)
        self.secrets |= {github.bearer}

    def job(self, world: World, action: str = "") -> Job:
        folder = self.folder / uuid4().hex
        folder.mkdir()
        self.jobs.append(ListeningJob(folder, world.environ, action))
        return self.jobs[-1]

    def main(self, job: Job, inputs: Mapping[str, str], exit_code: int = 0) -> Stage:
        """Run a job's main, or the only stage of a companion."""
        return self._ended(job.main(inputs), exit_code)

    def post(self, job: Job, exit_code: int = 0) -> Stage:
        return self._ended(job.post(), exit_code)

    def _ended(self, stage: Stage, exit_code: int) -> Stage:
        assert stage.exit_code == exit_code, stage.log
        self.stages.append(stage)
        return stage

    def _pass(self, aws: Proxy, request: Request) -> Answer | None:
        answer = aws.handle(request)
        if request.headers.get("X-Amz-Target"):
            for body in (request.body, answer.body if answer else b""):
                self.secrets |= set(_members(json.loads(body or b"{}"), SECRET))
        elif answer:
            self.secrets |= set(
                re.findall(r"(?:AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<", answer.body.decode())
            )
            self.secrets |= set(re.findall(r"WebIdentityToken=([^&]+)", request.body.decode()))
        return answer


def _members(value: Any, names: set[str]) -> Iterator[str]:
    """The texts with one of `names`, at any depth."""
    match value:
        case dict():
            yield from (text for name, text in value.items() if name in names and isinstance(text, str) and text)
            for item in value.values():
                yield from _members(item, names)
        case list():
            for item in value:
                yield from _members(item, names)


# Everything the action can do


def users_with_everything(watch: Watch) -> None:
    """Two users, groups, a client with a secret, tokens, browser state, AWS credentials."""
    with watch.world() as world:
        pool = world.pool("email")
        client = app_client(world, pool, "USER_SRP_AUTH", secret=True)
        watch.secrets.add(client["client-secret"])
        more = {"users": "a:\nb:\n", "storage-state-origin": ORIGIN, "client-metadata": "team=blue", **client}
        more["identity-pool-id"] = identity_pool(world, pool, client["client-id"])
        job = watch.job(world)
        watch.main(job, {**world.inputs_with_groups(pool, "admins", groups="admins"), **more})
        watch.post(job)


def a_second_factor(watch: Watch) -> None:
    with watch.world() as world:
        pool = world.pool()
        client = app_client(world, pool, "ADMIN_USER_PASSWORD_AUTH", secret=True)
        watch.secrets.add(client["client-secret"])
        MfaPool(client["client-id"], client["client-secret"]).guard(world.aws)
        role = world.role(pool, [*PERMISSIONS, *ADMIN])
        job = watch.job(world)
        watch.main(
            job, {"user-pool-id": pool, "role-to-assume": role, "auth-flow": "ADMIN_USER_PASSWORD_AUTH", **client}
        )
        watch.post(job)


def users_who_sign_up(watch: Watch) -> None:
    """Two users who sign up with a client that has a secret, one to sign up in a test, and a lost answer."""
    with watch.world() as world:
        pool = world.pool("email")
        client = app_client(world, pool, "USER_SRP_AUTH", secret=True)
        watch.secrets.add(client["client-secret"])
        world.aws.on("SignUp", losing_answer, forwarding, with_session)
        users = {"users": "a:\nvisitor: {create: false}\nb:\n"}
        job = watch.job(world)
        main = watch.main(job, {**sign_up_inputs(world, pool), "auth-flow": "auto", **client, **users})
        watch.secrets.add(json.loads(main.outputs["users"])["visitor"]["password"])
        watch.post(job)


def a_user_to_come(watch: Watch) -> None:
    with watch.world() as world:
        pool = world.pool()
        job = watch.job(world)
        main = watch.main(job, world.inputs(pool, users="visitor: {create: false}"))
        watch.secrets.add(main.outputs["password"])
        fill_in_form(world, pool, main.outputs["username"], main.outputs["password"], email=main.outputs["email"])
        world.aws.on("AdminDeleteUser", echo)
        watch.post(job)


def with_session(call: Call) -> Answer:
    """Add to an answer what Cognito gives a new user for a sign-in without a password."""
    answer = call.forward()
    content = {**json.loads(answer.body), "Session": f"session-of-the-sign-up-{uuid4().hex}"}
    return replace(answer, body=json.dumps(content).encode())


def a_phone_number_and_lost_answers(watch: Watch) -> None:
    with watch.world() as world:
        pool = world.pool("phone")
        role = world.role(pool, [*PERMISSIONS, "ListUsers"])
        world.aws.on("AdminCreateUser", forwarding, losing_answer)
        job = watch.job(world)
        watch.main(job, {"user-pool-id": pool, "role-to-assume": role, "phone-number": PHONE}, exit_code=1)
        watch.post(job)


def the_companions(watch: Watch) -> None:
    with watch.world() as world:
        pool = world.pool()
        job = watch.job(world)
        keep_user = {"email-domain": "", "mask-username": "false", "cleanup": "false"}
        username = watch.main(job, {**world.inputs(pool), **keep_user}).outputs["username"]
        watch.post(job)
        client = world.app_client(pool)
        role = world.role(pool, [*PERMISSIONS, "ListUsers"])
        access = {"user-pool-id": pool, "role-to-assume": role}
        watch.main(watch.job(world, "adopt"), {**access, "username": username, "client-id": client})
        watch.main(watch.job(world, "sweep"), {**access, "older-than": "1h"})
        watch.main(watch.job(world, "delete"), {**access, "username": username})


# Everything that can be refused, in messages that repeat the request

END = len("… (9999 characters in all)")
"""Length of the note at the end of a quotation that was cut off."""


def echo(call: Call) -> Answer:
    """Refuse a call with a text that has all its secrets, one in front and one where a quotation is cut off."""
    logins = call.parameters.get("Logins", {}).values()
    first, *extra = [*_members(call.parameters, SECRET), *logins] or ["nothing"]
    words = "because " * QUOTE_LIMIT
    text = words[: QUOTE_LIMIT - END - len(first) - 2 * len(first) // 3]
    return call.refuse("UserLambdaValidationException", f"{first} {text} {' '.join([first, *extra])} {words}")


def every_call_of_main_and_post_refused(watch: Watch) -> None:
    public = ("InitiateAuth", "RespondToAuthChallenge")
    for operation in (
        *("AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword", "AdminAddUserToGroup"),
        *("AdminInitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken", "AdminRespondToAuthChallenge"),
        *public,
    ):
        flow = "USER_SRP_AUTH" if operation in public else "ADMIN_USER_PASSWORD_AUTH"
        with watch.world() as world:
            pool = world.pool()
            client = app_client(world, pool, flow, secret=True)
            watch.secrets.add(client["client-secret"])
            world.aws.on(operation, echo)
            if operation not in public:
                MfaPool(client["client-id"], client["client-secret"]).guard(world.aws)
            world.account.cognito.create_group(UserPoolId=pool, GroupName="admins")
            role = world.role(pool, [*PERMISSIONS, *ADMIN, "AdminAddUserToGroup"])
            inputs = {"user-pool-id": pool, "role-to-assume": role, "groups": "admins", "auth-flow": flow, **client}
            job = watch.job(world)
            watch.main(job, inputs, exit_code=1)
            world.aws.on("AdminDeleteUser", echo)
            watch.post(job)


def every_call_of_a_sign_up_refused(watch: Watch) -> None:
    """The refusal of the first call says that the app client is the pool's, so that main goes on."""
    for operation in ("AdminInitiateAuth", "SignUp", "AdminConfirmSignUp", "AdminUpdateUserAttributes"):
        with watch.world() as world:
            pool = world.pool("email")
            client = app_client(world, pool, "USER_SRP_AUTH", secret=True)
            watch.secrets.add(client["client-secret"])
            world.aws.on(operation, echo)
            inputs = {**sign_up_inputs(world, pool, auth_flow="none"), **client}
            job = watch.job(world)
            watch.main(job, inputs, exit_code=int(operation != "AdminInitiateAuth"))
            world.aws.on("AdminDeleteUser", echo)
            watch.post(job)


def every_call_of_an_identity_pool_refused(watch: Watch) -> None:
    for operation in ("GetId", "GetCredentialsForIdentity"):
        with watch.world() as world:
            pool = world.pool()
            client = world.app_client(pool)
            inputs = {"client-id": client, "identity-pool-id": identity_pool(world, pool, client)}
            world.aws.on(operation, echo)
            job = watch.job(world)
            watch.main(job, {**world.inputs(pool), **inputs}, exit_code=1)
            world.aws.on("DeleteIdentities", echo)
            watch.post(job)


def every_call_of_the_companions_refused(watch: Watch) -> None:
    for action, operation in (
        *(("adopt", operation) for operation in ("AdminSetUserPassword", "InitiateAuth", "RespondToAuthChallenge")),
        *(("sweep", "ListUsers"), ("sweep", "AdminDeleteUser"), ("delete", "AdminDeleteUser")),
    ):
        with watch.world() as world:
            pool = world.pool()
            keep_user = {"email-domain": "", "mask-username": "false", "cleanup": "false"}
            username = watch.main(watch.job(world), {**world.inputs(pool), **keep_user}).outputs["username"]
            role = world.role(pool, [*PERMISSIONS, "ListUsers"])
            own = {"older-than": "1s"} if action == "sweep" else {"username": username}
            client = {"client-id": world.app_client(pool)} if action == "adopt" else {}
            time.sleep(1.1 if action == "sweep" else 0)  # a user has to be older than a second to be swept
            world.aws.on(operation, echo)
            inputs = {"user-pool-id": pool, "role-to-assume": role, **own, **client}
            watch.main(watch.job(world, action), inputs, exit_code=1)


def the_credentials_of_the_job(watch: Watch) -> None:
    """The emulator accepts any access key of the account itself."""
    with watch.world() as world:
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": f"ambient-{uuid4().hex}"}
        watch.secrets.add(keys["AWS_SECRET_ACCESS_KEY"])
        pool = world.pool()
        job = watch.job(world)
        job.environ = {**job.environ, **keys}
        watch.main(job, {"user-pool-id": pool})
        world.aws.on("AdminDeleteUser", echo)
        watch.post(job)


# The search


def other_forms(secret: str) -> Iterator[bytes]:
    """Ways to write a secret that the runner does not mask on its own."""
    data = secret.encode()
    yield from (data.hex().encode(), data.hex().upper().encode(), data[::-1], secret.swapcase().encode())
    yield secret.encode("utf-16-le")
    for dropped in range(3):
        yield base64.urlsafe_b64encode(data[dropped:]).rstrip(b"=")[:-1]
        yield base64.b32encode(data[dropped:]).rstrip(b"=")[:-1]
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, data).digest()
        yield from (digest.hex().encode(), base64.b64encode(digest))


def pieces(secret: str) -> list[str]:
    """The halves of a secret, as a cut leaves them; of an ID token, only the part that differs from other tokens."""
    secret = secret.split(".")[1] if secret.count(".") == 2 else secret
    return [secret[: len(secret) // 2], secret[len(secret) // 2 :]] if len(secret) >= 16 else []


def left_in(job: Job) -> bytes:
    """All files of a job, except those that are there to pass on secrets."""
    return b"".join(
        path.read_bytes()
        for path in sorted(job.folder.rglob("*"))
        if path.is_file() and not path.name.startswith("github_output") and path.parent != job.temp
    )


def read_in(stage: Stage) -> list[str]:
    """Everything that a person reads of a stage."""
    notes = [f"{note.title} {note.message}" for note in stage.annotations]
    return [*stage.log, *notes, stage.summary]


def test_no_secret_leaves_in_any_form(account: Account, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Each is masked before it appears, in no file but the outputs, whole or in pieces, and in no other form."""
    watch = Watch(account, tmp_path)
    for story in (
        users_with_everything,
        users_who_sign_up,
        a_user_to_come,
        a_second_factor,
        a_phone_number_and_lost_answers,
        the_companions,
        the_credentials_of_the_job,
        every_call_of_main_and_post_refused,
        every_call_of_a_sign_up_refused,
        every_call_of_an_identity_pool_refused,
        every_call_of_the_companions_refused,
    ):
        story(watch)
    assert len(watch.secrets) > 100

    raw = b"".join(stage.stdout.encode() + stage.stderr.encode() for stage in watch.stages)
    outputs = b"".join(stage.files["GITHUB_OUTPUT"].encode() for stage in watch.stages)
    files = b"".join(left_in(job) for job in watch.jobs)
    seen = "\n".join(text for stage in watch.stages for text in read_in(stage))
    for secret in watch.secrets:
        assert [text for text in (secret, *pieces(secret)) if text in seen] == []
        assert secret.encode() not in files
        assert [form for form in other_forms(secret) if form in raw + files + outputs] == []
    for stage in watch.stages:
        for secret in watch.secrets:
            _first_appearance_is_a_mask(stage, secret)
        assert stage.stderr == ""
    figure(f"{len(watch.secrets)} secrets of {len(watch.stages)} stages, in {len(raw + files + outputs) // 1000} kB")


def _first_appearance_is_a_mask(stage: Stage, secret: str) -> None:
    for line in lines_of(stage.stdout):
        if secret in line:
            command = parse_line(line)
            assert command
            assert command.name == "add-mask", f"{secret} in {line}"
            return
