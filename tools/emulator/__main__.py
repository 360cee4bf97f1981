"""The action at work on this machine: `make demo`."""

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cognito_action.github.oidc import claims_of
from tools.emulator.account import PERMISSIONS, Account
from tools.emulator.aws import ministack
from tools.emulator.github import REPOSITORY, SUBJECT, token_service
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Gate, Proxy, proxy

WORKFLOW = """\
permissions:
  id-token: write
  contents: read
steps:
  - id: user
    uses: OWNER/cognito-test-user@main
    with:
      user-pool-id: {pool}
      role-to-assume: {role}
  - run: npm test
    env:
      USERNAME: ${{{{ steps.user.outputs.username }}}}
      PASSWORD: ${{{{ steps.user.outputs.password }}}}"""

USERS = """\
admin:
  groups: [admins, editors]
viewer:
  groups: [viewers]"""


class NewJob(Protocol):
    """Makes a job with the action of a folder in it."""

    def __call__(self, name: str, action: str = "") -> Job: ...


def main() -> int:
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        ministack() as endpoint,
        proxy(endpoint) as aws,
        token_service(aws.calls.append) as github,
    ):
        account = Account(endpoint)
        account.create_provider()
        pool = account.create_pool(UsernameAttributes=["email"])
        role = account.create_role("cognito-test-user", pool)
        inputs = {"user-pool-id": pool, "role-to-assume": role}
        environ = {**github.environ, "AWS_ENDPOINT_URL": aws.url}

        def job(name: str, action: str = "") -> Job:
            return Job(Path(folder, name), environ, action)

        print(
            "On this machine now: an AWS account that enforces IAM (ministack), and GitHub's token service. The account"
        )
        print(f"has a user pool whose users sign in by e-mail, and a role that trusts {SUBJECT}.")
        print(f"The role may do three things, and only on this pool: {', '.join(PERMISSIONS)}.")

        _title(f"A workflow of {REPOSITORY} on its branch main")
        _show(WORKFLOW.format(pool=pool, role=role).splitlines())

        _title("The step runs. Its log, as GitHub shows it:")
        first = job("first")
        step = first.main(inputs)
        _show(step.log)
        _requests(aws)
        print("  outputs, as the log would show them:")
        _show([f"{name}: {step.masks.apply(value)}" for name, value in step.outputs.items()])

        _title("A later step signs in with the outputs:")
        _show([_sign_in(account, pool, step), _users(account, pool)])

        _title("The job ends, whatever became of it, and the post step runs:")
        _show(first.post().log)
        _requests(aws)
        _show([_users(account, pool)])

        _title("Another step asks for two users with roles, and for their tokens, with these inputs beside the others:")
        roles = _roles(account, pool, job("several"), inputs)
        aws.calls.clear()

        _title("Another run is killed just after it created its user. The post step works from what was saved before:")
        second = job("second")
        gate = Gate(after=True)
        aws.on("AdminCreateUser", gate)
        running = second.start("main", inputs)
        gate.reached.wait()
        running.process.kill()
        gate.open.set()
        running.finish()
        _show([_users(account, pool)])
        _show(second.post().log)
        _show([_users(account, pool)])

        crossing = _several_jobs(account, pool, job, inputs)
        sweep = _sweep(account, pool, job, inputs)

        _title("A run on a branch that the role does not trust ends with what to paste:")
        github.claims |= {"sub": f"repo:{REPOSITORY}:ref:refs/heads/feature", "ref": "refs/heads/feature"}
        _show(job("third").main(inputs).log)

        left = account.users(pool)
        print(f"\nDone in {time.monotonic() - started:.1f} s.")
        stages = [step, roles, *crossing, sweep]
        return 1 if len(left) != 1 or any(stage.exit_code for stage in stages) else 0


def _sign_in(account: Account, pool: str, step: Stage) -> str:
    tokens = account.cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": step.outputs["username"], "PASSWORD": step.outputs["password"]},
    )["AuthenticationResult"]
    user = account.cognito.get_user(AccessToken=tokens["AccessToken"])
    attributes = {attribute["Name"]: attribute.get("Value") for attribute in user["UserAttributes"]}
    return f"signed in; the access token belongs to the user {attributes['sub']}"


def _roles(account: Account, pool: str, job: Job, inputs: Mapping[str, str]) -> Stage:
    client = account.create_app_client(pool, "ALLOW_USER_SRP_AUTH")
    for group in ("admins", "editors", "viewers"):
        account.cognito.create_group(UserPoolId=pool, GroupName=group)
    role = account.create_role("with-groups", pool, [*PERMISSIONS, "AdminAddUserToGroup"])
    _show([f"client-id: {client}", "users: |", *(f"  {line}" for line in USERS.splitlines())])
    step = job.main({**inputs, "role-to-assume": role, "client-id": client, "users": USERS})
    print("  its log:")
    _show(step.log)
    print("  what the tokens in its output `users` say:")
    for key, user in json.loads(step.outputs.get("users", "{}")).items():
        claims = claims_of(user["access-token"])
        _show([f"{key}: {', '.join(claims['cognito:groups'])}, {claims['sub']}"])
    job.post()
    return step


def _several_jobs(account: Account, pool: str, job: NewJob, inputs: Mapping[str, str]) -> list[Stage]:
    _title("A user for several jobs: the first creates it, with mask-username: false and cleanup: false, the second")
    print("adopts it by its name and gives it a password of its own, and the last deletes it:")
    create = job("create")
    stages = [create.main({**inputs, "mask-username": "false", "cleanup": "false"})]
    create.post()
    name = {"username": stages[0].outputs["username"]}
    stages += [job(action, action).main({**inputs, **name}) for action in ("adopt", "delete")]
    _show([line for stage in stages for line in stage.log])
    _show([_users(account, pool)])
    return stages


def _sweep(account: Account, pool: str, job: NewJob, inputs: Mapping[str, str]) -> Stage:
    _title("A runner dies, and its post step with it. A scheduled sweep deletes what it left, and nobody else:")
    account.cognito.admin_create_user(UserPoolId=pool, Username="alice@example.com", MessageAction="SUPPRESS")
    job("dead").main(inputs)
    _show([f"{_users(account, pool)}; one is alice@example.com"])
    time.sleep(1.1)
    role = account.create_role("sweep", pool, ["ListUsers", "AdminDeleteUser"])
    stage = job("sweep", "sweep").main({**inputs, "role-to-assume": role, "older-than": "1s"})
    _show(stage.log)
    _show([_users(account, pool)])
    return stage


def _users(account: Account, pool: str) -> str:
    return f"users in the pool: {len(account.users(pool))}"


def _requests(aws: Proxy) -> None:
    print(f"  requests made: {', '.join(aws.calls)}")
    aws.calls.clear()


def _title(text: str) -> None:
    print(f"\n{text}")


def _show(lines: list[str]) -> None:
    for line in lines:
        print(f"  | {line}")


sys.exit(main())
