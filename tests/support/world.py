"""The world that tests run in: an account, GitHub's token service, and jobs."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.emulator.account import PERMISSIONS, Account
from tools.emulator.github import SUBJECT, TokenService
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Proxy

POOL_KINDS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "email": {"UsernameAttributes": ["email"]},
    "phone": {"UsernameAttributes": ["phone_number"]},
    "email or phone": {"UsernameAttributes": ["email", "phone_number"]},
    "email alias": {"AliasAttributes": ["email"]},
    "phone alias": {"AliasAttributes": ["phone_number"]},
}

MAIN_CALLS = ["GetIDToken", "AssumeRoleWithWebIdentity", "AdminCreateUser", "AdminSetUserPassword"]
POST_CALLS = ["GetIDToken", "AssumeRoleWithWebIdentity", "AdminDeleteUser"]


@dataclass
class World:
    """An account behind a proxy that can be tampered with, GitHub's token service, and folders for jobs."""

    account: Account
    aws: Proxy
    github: TokenService
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a job with `id-token: write` whose AWS is the embedded one."""
        return {**self.github.environ, **self.bare_environ}

    @property
    def bare_environ(self) -> dict[str, str]:
        """The same without `id-token: write`."""
        return {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def calls_of_aws(self) -> list[str]:
        """What AWS was asked; not GitHub, whose ID token a step asks for before it has read its inputs."""
        return [call for call in self.aws.calls if call != "GetIDToken"]

    def job(self, environ: Mapping[str, str] | None = None, action: str = "") -> Job:
        """A new job with the action from this folder."""
        folder = self.folder / uuid.uuid4().hex
        folder.mkdir()
        return Job(folder, self.environ if environ is None else environ, action)

    def run(self, action: str, inputs: Mapping[str, str], **environ: str) -> Stage:
        """Run one of the companion actions in its own job."""
        return self.job(action=action).main(inputs, **environ)

    def pool(self, kind: str = "plain", **settings: Any) -> str:
        """A new user pool of one of `POOL_KINDS`."""
        return self.account.create_pool(**POOL_KINDS[kind], **settings)

    def role(self, pool_id: str, permissions: Sequence[str] = PERMISSIONS, subject: str = SUBJECT) -> str:
        """A new role that may do `permissions` on the pool."""
        return self.account.create_role(f"role-{uuid.uuid4().hex}", pool_id, permissions, subject)

    def inputs(self, pool_id: str, **extra: str) -> dict[str, str]:
        """The inputs of a step that uses the pool with a least-privilege role; `_` in names stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in extra.items()}
        return {"user-pool-id": pool_id, "role-to-assume": self.role(pool_id), **named}

    def inputs_with_groups(self, pool_id: str, *groups: str, **extra: str) -> dict[str, str]:
        """The same for a step whose users join groups: these are created, and the role has one more permission."""
        for group in groups:
            self.account.cognito.create_group(UserPoolId=pool_id, GroupName=group)
        role = self.role(pool_id, [*PERMISSIONS, "AdminAddUserToGroup"])
        return {**self.inputs(pool_id, **extra), "role-to-assume": role}

    def groups_of(self, pool_id: str, username: str) -> list[str]:
        """The groups that a user is in."""
        answer = self.account.cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=username)
        return [group["GroupName"] for group in answer["Groups"]]

    def app_client(self, pool_id: str) -> str:
        """A new app client like most others: SRP only."""
        return self.account.create_app_client(pool_id, "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")

    def sign_in(self, pool_id: str, stage: Stage) -> Mapping[str, Any]:
        """Sign in with main's outputs, and return the tokens."""
        answer = self.account.cognito.admin_initiate_auth(
            UserPoolId=pool_id,
            ClientId=self.account.create_app_client(pool_id, "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": stage.outputs["username"], "PASSWORD": stage.outputs["password"]},
        )
        return answer["AuthenticationResult"]
