"""A real workflow with the action in it, run by act."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import yaml

from demo.account import PERMISSIONS
from demo.job import action
from tests.conftest import MAIN_CALLS, World
from tests.readme import recipe

TALKATIVE = """\
echo "username [$USERNAME]"
echo "password [$PASSWORD]"
echo "sub [$SUB]"
printf %s "$USERNAME $PASSWORD" | sha256sum
"""


def test_workflow_of_act_gets_a_masked_user(world: World, image: str, tmp_path: Path) -> None:
    """Later steps read the outputs, the log hides them, and post, which gets no state from act, ends well."""
    pool = world.pool("email")
    user = {name: f"${{{{ steps.user.outputs.{name} }}}}" for name in ("username", "password", "sub")}
    repository = _repository(
        tmp_path / "repository",
        image,
        {
            "on": "push",
            "permissions": {"contents": "read", "id-token": "write"},
            "jobs": {
                "test": {
                    "runs-on": "ubuntu-latest",
                    "env": world.environ,
                    "steps": [
                        {"uses": "actions/checkout@v5"},  # act copies the repository in its place
                        {"uses": "./", "id": "user", "with": world.inputs(pool)},
                        {"run": TALKATIVE, "env": {name.upper(): value for name, value in user.items()}},
                    ],
                }
            },
        },
    )

    act = _act(repository, image, home=tmp_path)

    assert act.returncode == 0, act.stdout
    assert world.aws.calls == MAIN_CALLS
    [username] = [str(call["Username"]) for call in world.aws.parameters("AdminCreateUser")]
    [password] = [str(call["Password"]) for call in world.aws.parameters("AdminSetUserPassword")]
    digest = hashlib.sha256(f"{username} {password}".encode()).hexdigest()
    found = world.account.cognito.admin_get_user(UserPoolId=pool, Username=username)
    [sub] = [attribute["Value"] for attribute in found["UserAttributes"] if attribute["Name"] == "sub"]
    for line in ("username [***", "password [***]", f"sub [{sub}]", digest, "There is no user to delete."):
        assert line in act.stdout
    assert username not in act.stdout
    assert password not in act.stdout
    world.account.cognito.admin_delete_user(UserPoolId=pool, Username=username)
    assert world.account.users(pool) == []


def test_workflow_of_act_reads_several_users(world: World, image: str, tmp_path: Path) -> None:
    """README's recipe: expressions get at the user of a key, and no secret of any user is in the log."""
    pool = world.pool("email")
    for group in ("admins", "editors", "viewers"):
        world.account.cognito.create_group(UserPoolId=pool, GroupName=group)
    schema = [{"Name": "team", "AttributeDataType": "String"}]
    world.account.cognito.add_custom_attributes(UserPoolId=pool, CustomAttributes=cast("Any", schema))
    make, use = recipe("Several users with roles").steps
    role = world.role(pool, [*PERMISSIONS, "AdminAddUserToGroup"])
    make["with"] |= {"user-pool-id": pool, "role-to-assume": role, "client-id": world.app_client(pool)}
    use["run"] = 'echo "users $USERS"\necho "token [$VIEWER_TOKEN]"\nprintf %s "$VIEWER_TOKEN" > token'
    show = {"run": "cut -d. -f2 token | tr _- /+ | base64 -d 2>/dev/null; echo"}
    steps = [{"uses": "actions/checkout@v5"}, {**make, "uses": "./"}, use, show]
    repository = _repository(
        tmp_path / "repository",
        image,
        {
            "on": "push",
            "permissions": {"contents": "read", "id-token": "write"},
            "jobs": {"test": {"runs-on": "ubuntu-latest", "env": world.environ, "steps": steps}},
        },
    )

    act = _act(repository, image, home=tmp_path)

    assert act.returncode == 0, act.stdout
    assert "token [***]" in act.stdout
    assert '"cognito:groups":["viewers"]' in act.stdout.replace(" ", "")
    users = world.account.users(pool)
    assert len(users) == 3
    passwords = [str(call["Password"]) for call in world.aws.parameters("AdminSetUserPassword")]
    names = [str(call["Username"]) for call in world.aws.parameters("AdminCreateUser")]
    assert [secret for secret in (*passwords, *names) if secret in act.stdout] == []
    for user in users:  # act hands no state to post
        world.account.cognito.admin_delete_user(UserPoolId=pool, Username=user)


def _repository(folder: Path, image: str, workflow: Any) -> Path:
    """A repository with the action in it, as a release has it: with an image that was built before."""
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/test.yml").write_text(yaml.safe_dump(workflow, sort_keys=False))
    released = action()
    released["runs"]["image"] = f"docker://{image}"
    (folder / "action.yml").write_text(yaml.safe_dump(released, sort_keys=False))
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*author, "commit", "-qm", "Test"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def _act(repository: Path, image: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """Run the repository's workflow for a push; nothing is fetched from anywhere."""
    environ = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("DOCKER_")}
    return subprocess.run(
        [
            *(Path(sys.executable).parent / "act", "push"),
            *("--platform", f"ubuntu-latest={image}", "--pull=false", "--network", "host", "--rm"),
            *("--container-daemon-socket", "-", "--no-cache-server"),
        ],
        cwd=repository,
        env={**environ, "HOME": str(home), "XDG_CACHE_HOME": f"{home}/cache", "ACT_DISABLE_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
