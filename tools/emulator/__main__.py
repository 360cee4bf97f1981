"""Runs the action on this machine, against the embedded AWS and GitHub: `make demo`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cognito_action.claims import claims_of
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
    """Creates a job that uses the action in a folder of the repository."""

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

        print("This demo emulates an AWS account that enforces IAM (with ministack), and GitHub's token service.")
        print(f"The account has a user pool with sign-in by email, and a role that trusts {SUBJECT}.")
        print(f"The role has three permissions, on this pool only: {', '.join(PERMISSIONS)}.")

        _title(f"A workflow of {REPOSITORY} on the branch main:")
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

        _title("The job ends, and the post step runs, even if the job failed:")
        _show(first.post().log)
        _requests(aws)
        _show([_users(account, pool)])

        _title("Another step creates two users in groups and outputs their tokens. It has these additional inputs:")
        roles = _roles(account, pool, job("several"), inputs)
        aws.calls.clear()

        _killed(account, pool, aws, job("second"), inputs)
        across_jobs = _several_jobs(account, pool, job, inputs)
        sweep = _sweep(account, pool, job, inputs)

        status = _command(account, pool, aws, Path(folder))

        _title("A run on a branch that the role does not trust fails. The error has the lines to paste:")
        github.claims |= {"sub": f"repo:{REPOSITORY}:ref:refs/heads/feature", "ref": "refs/heads/feature"}
        _show(job("third").main(inputs).log)

        left = account.users(pool)
        print(f"\nDone in {time.monotonic() - started:.1f} s.")
        stages = [step, roles, *across_jobs, sweep]
        return 1 if len(left) != 1 or status or any(stage.exit_code for stage in stages) else 0


def _sign_in(account: Account, pool: str, step: Stage) -> str:
    tokens = account.cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=account.create_app_client(pool, "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": step.outputs["username"], "PASSWORD": step.outputs["password"]},
    )["AuthenticationResult"]
    user = account.cognito.get_user(AccessToken=tokens["AccessToken"])
    attributes = {attribute["Name"]: attribute.get("Value") for attribute in user["UserAttributes"]}
    return f"signed in; the access token belongs to user {attributes['sub']}"


def _roles(account: Account, pool: str, job: Job, inputs: Mapping[str, str]) -> Stage:
    client = account.create_app_client(pool, "ALLOW_USER_SRP_AUTH")
    for group in ("admins", "editors", "viewers"):
        account.cognito.create_group(UserPoolId=pool, GroupName=group)
    role = account.create_role("with-groups", pool, [*PERMISSIONS, "AdminAddUserToGroup"])
    _show([f"client-id: {client}", "users: |", *(f"  {line}" for line in USERS.splitlines())])
    step = job.main({**inputs, "role-to-assume": role, "client-id": client, "users": USERS})
    print("  its log:")
    _show(step.log)
    print("  groups and `sub` in the tokens of its output `users`:")
    for key, user in json.loads(step.outputs.get("users", "{}")).items():
        claims = claims_of(user["access-token"])
        _show([f"{key}: groups {', '.join(claims['cognito:groups'])}; sub {claims['sub']}"])
    job.post()
    return step


def _killed(account: Account, pool: str, aws: Proxy, job: Job, inputs: Mapping[str, str]) -> None:
    _title("Another run is killed right after it creates its user. The post step knows the user from the saved state:")
    gate = Gate(after=True)
    aws.on("AdminCreateUser", gate)
    running = job.start("main", inputs)
    gate.reached.wait()
    running.process.kill()
    gate.open.set()
    running.finish()
    _show([_users(account, pool)])
    _show(job.post().log)
    _show([_users(account, pool)])


def _several_jobs(account: Account, pool: str, job: NewJob, inputs: Mapping[str, str]) -> list[Stage]:
    _title(
        "One user for several jobs. The first job creates the user, with `mask-username: false` and `cleanup: false`."
    )
    print("The second adopts the user by name and sets a new password. The third deletes the user:")
    create = job("create")
    stages = [create.main({**inputs, "mask-username": "false", "cleanup": "false"})]
    create.post()
    name = {"username": stages[0].outputs["username"]}
    stages += [job(action, action).main({**inputs, **name}) for action in ("adopt", "delete")]
    _show([line for stage in stages for line in stage.log])
    _show([_users(account, pool)])
    return stages


def _sweep(account: Account, pool: str, job: NewJob, inputs: Mapping[str, str]) -> Stage:
    _title("A runner dies, so its post step never runs. A scheduled sweep deletes the user it left, and no one else:")
    account.cognito.admin_create_user(UserPoolId=pool, Username="alice@example.com", MessageAction="SUPPRESS")
    job("dead").main(inputs)
    _show([f"{_users(account, pool)}, including alice@example.com"])
    time.sleep(1.1)
    role = account.create_role("sweep", pool, ["ListUsers", "AdminDeleteUser"])
    stage = job("sweep", "sweep").main({**inputs, "role-to-assume": role, "older-than": "1s"})
    _show(stage.log)
    _show([_users(account, pool)])
    return stage


def _command(account: Account, pool: str, aws: Proxy, folder: Path) -> int:
    _title("The same on a laptop, without GitHub: the command runs the tests with a user, and deletes the user.")
    tests = 'echo "the tests run as $COGNITO_EMAIL"'
    print(f"  $ cognito-test-user run --user-pool-id {pool} -- sh -c '{tests}'")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    aws.calls.clear()
    process = subprocess.run(
        [
            *(sys.executable, "-c", "from cognito_action.command.main import main; main()"),
            *("run", "--user-pool-id", pool, "--", "sh", "-c", tests),
        ],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    _show(process.stdout.splitlines())
    _requests(aws)
    _show([_users(account, pool)])
    return process.returncode


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
