"""The action at work on this machine: `make demo`."""

import sys
import tempfile
import time
from pathlib import Path

from demo.account import PERMISSIONS, Account
from demo.aws import REGION, ministack
from demo.github import REPOSITORY, SUBJECT, token_service
from demo.job import Job, Stage
from demo.proxy import Proxy, proxy

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


def main() -> int:
    started = time.monotonic()
    with ministack() as endpoint, proxy(endpoint) as aws, token_service(aws.calls.append) as github:
        account = Account(endpoint)
        account.create_provider()
        pool = account.create_pool(UsernameAttributes=["email"])
        role = account.create_role("ci", pool)
        print(
            "On this machine now: an AWS account that enforces IAM (ministack) and GitHub's token service. The account"
        )
        print(f"has a user pool that signs people in by e-mail, and a role that trusts {SUBJECT}")
        print(f"and may do three things, on this pool alone: {', '.join(PERMISSIONS)}.")

        _title(f"A workflow of {REPOSITORY}")
        _show(WORKFLOW.format(pool=pool, role=role).splitlines())

        with tempfile.TemporaryDirectory() as folder:
            job = Job(Path(folder), {**github.environ, "AWS_ENDPOINT_URL": aws.url})
            inputs = {"user-pool-id": pool, "role-to-assume": role}

            _title("The step runs (its log as GitHub shows it, masked)")
            step = job.main(inputs)
            _show(step.log)
            _requests(aws)
            if step.exit_code:
                return 1
            outputs = {name: step.masks.apply(value) for name, value in step.outputs.items()}
            _show([f"{name}: {value}" for name, value in outputs.items()], "outputs, as the log would show them")

            _title("A later step signs in with the outputs")
            _show([_sign_in(account, pool, step)])

            _title("The job ends, whatever became of it: the post step runs")
            post = job.post(inputs)
            _show(post.log)
            _requests(aws)

        left = account.users(pool)
        _title(f"Users in the pool now: {len(left)}")
        print(f"Done in {time.monotonic() - started:.1f} s.")
        return 1 if left or post.exit_code else 0


def _sign_in(account: Account, pool: str, step: Stage) -> str:
    client_id = account.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="demo", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    tokens = account.cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": step.outputs["username"], "PASSWORD": step.outputs["password"]},
    )["AuthenticationResult"]
    user = account.cognito.get_user(AccessToken=tokens["AccessToken"])
    attributes = {attribute["Name"]: attribute.get("Value") for attribute in user["UserAttributes"]}
    return f"signed in to {pool} in {REGION}; the access token belongs to {attributes['sub']}"


def _requests(aws: Proxy) -> None:
    print(f"  requests made: {', '.join(aws.calls)}")
    aws.calls.clear()


def _title(text: str) -> None:
    print(f"\n{text}")


def _show(lines: list[str], title: str = "") -> None:
    if title:
        print(f"  {title}:")
    for line in lines:
        print(f"  | {line}")


sys.exit(main())
