"""A real workflow with the action in it, run by act."""

import hashlib
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.support.recipes import recipe, workflow
from tests.support.world import MAIN_CALLS, World
from tools.benchmark.containers import BASE
from tools.emulator.account import PERMISSIONS
from tools.emulator.github import REPOSITORY_ID
from tools.emulator.job import action

TALKATIVE = """\
echo "username [$USERNAME]"
echo "password [$PASSWORD]"
echo "sub [$SUB]"
printf %s "$USERNAME $PASSWORD" | sha256sum
"""


def test_workflow_of_act_gets_a_masked_user(world: World, image: str, tmp_path: Path) -> None:
    """Later steps read the outputs, the log hides them, and post, which gets no state from act, succeeds."""
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
                        {"uses": "actions/checkout@v5"},  # act copies the repository instead
                        {"uses": "./", "id": "user", "with": world.inputs(pool)},
                        {"run": TALKATIVE, "env": {name.upper(): value for name, value in user.items()}},
                    ],
                }
            },
        },
    )

    act = _act(repository, home=tmp_path)

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
    """The recipe's expressions read the user of a key, and no secret of any user is in the log."""
    pool = world.pool("email")
    for group in ("admins", "editors", "viewers"):
        world.account.cognito.create_group(UserPoolId=pool, GroupName=group)
    schema = [{"Name": "team", "AttributeDataType": "String"}]
    world.account.cognito.add_custom_attributes(UserPoolId=pool, CustomAttributes=cast("Any", schema))
    make, use = recipe("roles").steps
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

    act = _act(repository, home=tmp_path)

    assert act.returncode == 0, act.stdout
    assert "token [***]" in act.stdout
    assert '"cognito:groups":["viewers"]' in act.stdout.replace(" ", "")
    users = world.account.users(pool)
    assert len(users) == 3
    passwords = [str(call["Password"]) for call in world.aws.parameters("AdminSetUserPassword")]
    names = [str(call["Username"]) for call in world.aws.parameters("AdminCreateUser")]
    assert [secret for secret in (*passwords, *names) if secret in act.stdout] == []
    for user in users:  # act passes no state to post
        world.account.cognito.admin_delete_user(UserPoolId=pool, Username=user)


def test_workflow_of_three_jobs_passes_users_on(world: World, image: str, tmp_path: Path) -> None:
    """The recipe's workflow: two users are created, each matrix leg adopts its own, and the last job deletes both."""
    pool = world.pool("email")
    content = _of_recipe("several-jobs", world, pool)
    content["jobs"]["test"]["steps"][-1]["run"] = 'echo "leg $BROWSER [$USERNAME] [$PASSWORD]"'

    act = _act(_repository(tmp_path / "repository", image, content), home=tmp_path)

    assert act.returncode == 0, act.stdout
    assert world.account.users(pool) == []
    names = [str(call["Username"]) for call in world.aws.parameters("AdminCreateUser")]
    calls = world.aws.parameters("AdminSetUserPassword")
    first, adopted = (
        [call["Password"] for call in calls[:2]],
        {call["Username"]: call["Password"] for call in calls[2:]},
    )
    assert sorted(adopted) == sorted(names)
    for leg, name in zip(("chromium", "firefox"), names, strict=True):
        assert f"leg {leg} [{name}] [***]" in act.stdout
        assert f"Deleted user {name}." in act.stdout
    assert [password for password in (*first, *adopted.values()) if password in act.stdout] == []
    assert world.aws.calls.count("AdminDeleteUser") == 2


@pytest.mark.parametrize("job", ["create", "test"])
def test_last_job_deletes_users_even_after_a_failure(world: World, image: str, tmp_path: Path, job: str) -> None:
    """`if: always()` of the recipe's workflow: even if the creating job fails after its step, no user is left."""
    pool = world.pool()
    content = _of_recipe("several-jobs", world, pool)
    content["jobs"]["test"]["strategy"]["fail-fast"] = False
    content["jobs"]["test"]["steps"][-1]["run"] = "true"
    content["jobs"][job]["steps"].append({"run": "exit 1"})

    act = _act(_repository(tmp_path / "repository", image, content), home=tmp_path)

    assert act.returncode == 1
    assert len(world.aws.parameters("AdminCreateUser")) == 2
    assert len(world.aws.parameters("AdminSetUserPassword")) == (2 if job == "create" else 4)
    assert world.account.users(pool) == []


def test_scheduled_workflow_sweeps(world: World, image: str, tmp_path: Path) -> None:
    """The recipe's workflow finds the users that a run left behind, once they are old enough."""
    pool = world.pool("email")
    for _ in range(2):
        assert world.job().main(world.inputs(pool)).exit_code == 0
    time.sleep(1.1)
    content = _of_recipe("sweep", world, pool)
    sweep = content["jobs"]["sweep"]["steps"][-1]
    sweep["id"] = "sweep"
    sweep["with"]["older-than"] = "1s"
    outputs = {name.upper(): f"${{{{ steps.sweep.outputs.{name} }}}}" for name in ("found", "deleted")}
    content["jobs"]["sweep"]["steps"].append({"run": 'echo "found $FOUND deleted $DELETED"', "env": outputs})

    act = _act(_repository(tmp_path / "repository", image, content), home=tmp_path, event="schedule")

    assert act.returncode == 0, act.stdout
    assert "found 2 deleted 2" in act.stdout
    assert world.account.users(pool) == []


def _of_recipe(name: str, world: World, pool: str) -> Any:
    """A workflow of a recipe for this world: with its pool and role, and with the actions of the checkout."""
    content = yaml.safe_load(workflow(name))
    content["on"] = content.pop(True)  # what YAML 1.1 makes of the key
    role = world.role(pool, [*PERMISSIONS, "ListUsers"])
    for job in content["jobs"].values():
        job["env"] = world.environ
        for step in job["steps"]:
            if step.get("uses", "").startswith("OWNER/"):
                step["uses"] = "./" + step["uses"].partition("@")[0].removeprefix("OWNER/cognito-test-user").lstrip("/")
                step["with"] |= {"user-pool-id": pool, "role-to-assume": role}
        job["steps"].insert(0, {"uses": "actions/checkout@v5"})
    return content


def _repository(folder: Path, image: str, workflow: Any) -> Path:
    """A repository with the action in it, as a release has it: with a prebuilt image."""
    (folder / ".github/workflows").mkdir(parents=True)
    # act names its containers after the workflow, and removes others with that name, but tests run in parallel.
    unique = {**workflow, "name": f"test {secrets.token_hex(4)}"}
    (folder / ".github/workflows/test.yml").write_text(yaml.safe_dump(unique, sort_keys=False))
    for path in ("", "adopt", "delete", "sweep"):
        released = action(path)
        released["runs"]["image"] = f"docker://{image}"
        (folder / path).mkdir(exist_ok=True)
        (folder / path / "action.yml").write_text(yaml.safe_dump(released, sort_keys=False))
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*author, "commit", "-qm", "Test"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def _act(repository: Path, home: Path, event: str = "push") -> "subprocess.CompletedProcess[str]":
    """Run the repository's workflow for an event; nothing is downloaded."""
    environ = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("DOCKER_")}
    return subprocess.run(
        [
            *(Path(sys.executable).parent / "act", event),
            *("--platform", f"ubuntu-latest={BASE}", "--pull=false", "--network", "host", "--rm"),
            *("--container-daemon-socket", "-", "--no-cache-server"),
            *("--env", f"GITHUB_REPOSITORY_ID={REPOSITORY_ID}"),  # GitHub's runner sets it, and act does not
        ],
        cwd=repository,
        env={**environ, "HOME": str(home), "XDG_CACHE_HOME": f"{home}/cache", "ACT_DISABLE_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
