"""The examples of docs/anywhere.md, as a reader would paste them: each gives the tests a user, and leaves no one."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.support.recipes import FOLDER, blocks
from tests.support.world import World
from tools.emulator.aws import ACCOUNT
from tools.emulator.github import REPOSITORY_ID, RUN_ID, id_token
from tools.emulator.job import ROOT

PAGE = (ROOT / "docs/anywhere.md").read_text(encoding="utf-8")

SUBJECT = "project_path:my-group/my-app:ref_type:branch:ref:main"
ORGANIZATION, PROJECT = (f"0a1b2c3d-0000-4000-8000-00000000000{digit}" for digit in "12")
CIRCLECI = f"oidc.circleci.com/org/{ORGANIZATION}"
OF_CIRCLECI = (
    "org/{}/project/{}/user/0a1b2c3d-0000-4000-8000-000000000003/vcs-origin/github.com/o/r/vcs-ref/refs/heads/main"
)
BUILDKITE = "agent.buildkite.com"
OF_BUILDKITE = "organization:my-org:pipeline:my-app:ref:refs/heads/{}:commit:0123abcd:step:test"
ROLE = "arn:aws:iam::123456789012:role/cognito-test-user"

COMMAND = 'exec {python} -I -c "import sys; sys.path.insert(0, {root!r}); from cognito_action.command.main import main; main()"'
TESTS = 'echo "$COGNITO_USERNAME" >> "$HOME/tested"'
PROFILE = """\
[profile dev]
credential_process = echo '{"Version": 1, "AccessKeyId": "test", "SecretAccessKey": "test-of-the-profile"}'
"""


@dataclass
class Shell:
    """A shell of a reader, on whose `PATH` are the command and stand-ins for the tests and for what other CI has."""

    world: World
    home: Path
    pool: str
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.home / ".aws").mkdir(parents=True)
        (self.home / ".aws/config").write_text(PROFILE)
        self.program("cognito-test-user", f'{COMMAND.format(python=sys.executable, root=str(ROOT))} "$@"')
        self.program("npm", TESTS)
        self.program("pytest", TESTS)
        self.environ = {
            "PATH": f"{self.home / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "COGNITO_TEST_USER_USER_POOL_ID": self.pool,
            **self.world.bare_environ,
            **self.environ,
        }

    def program(self, name: str, script: str) -> None:
        """Put a program on the `PATH`."""
        path = self.home / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, script: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run a script with the reader's own pool and role in place of the page's."""
        own = script.replace("eu-central-1_AbCdEfGhI", self.pool)
        process = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", own],
            env={**self.environ, **environ},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        return process

    @property
    def tested(self) -> Sequence[str]:
        """The names of the users that the tests had."""
        path = self.home / "tested"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def shell(world: World, tmp_path: Path) -> Shell:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return Shell(world, tmp_path / "home", world.pool("email"), keys)


def block(part: str, language: str = "sh") -> str:
    """The only block on the page with this part."""
    [found] = [text for text in blocks(PAGE, language) if part in text]
    return found


def other_ci(world: World, folder: Path, issuer: str = "gitlab.com") -> tuple[Shell, str]:
    """A shell in a CI without AWS credentials, and the role that the page describes."""
    pool = world.pool("email")
    role = world.role(pool)
    name = role.rpartition("/")[2]
    iam = world.account.client("iam")
    address, audience = re.findall(r"--url (\S+) --client-id-list (\S+)", block("aws iam create-open-id"))[0]
    if not any(issuer in each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]):
        own = address.replace("gitlab.com", issuer)
        iam.create_open_id_connect_provider(Url=own, ClientIDList=[audience], ThumbprintList=["f" * 40])
    trust = json.loads(block("gitlab.com:sub", "json").replace("123456789012", ACCOUNT).replace("gitlab.com", issuer))
    if issuer != "gitlab.com":
        trust["Statement"][0]["Condition"] = json.loads(block(f"{issuer}:sub", "json"))
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return Shell(world, folder / "home", pool), role


def token(subject: str = SUBJECT, issuer: str = "gitlab.com") -> str:
    """An ID token such as another CI gives to a job."""
    now = int(time.time())
    return id_token(
        {"iss": f"https://{issuer}", "sub": subject, "aud": "sts.amazonaws.com", "iat": now, "exp": now + 300}
    )


def test_first_example_gives_the_tests_a_user(world: World, shell: Shell) -> None:
    """The pool is an option there."""
    del shell.environ["COGNITO_TEST_USER_USER_POOL_ID"]

    shell.run(blocks(PAGE, "sh")[0])

    assert len(shell.tested) == 1
    assert world.account.users(shell.pool) == []


def test_profile_is_enough_on_a_laptop(world: World, shell: Shell) -> None:
    """And what is printed is what the page shows, on the streams that it says."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "COGNITO_TEST_USER_USER_POOL_ID"):
        del shell.environ[name]

    process = shell.run(block("export AWS_PROFILE=dev"))

    first, name, last = block("Created 1 user", "text").replace("eu-central-1_AbCdEfGhI", shell.pool).splitlines()
    assert process.stderr.splitlines() == [first, last]
    assert re.sub("[0-9a-f]", "0", process.stdout.strip()) == re.sub("[0-9a-f]", "0", name)
    assert world.account.users(shell.pool) == []


def test_cleanup_needs_no_pool(shell: Shell) -> None:
    """The journals name it."""
    del shell.environ["COGNITO_TEST_USER_USER_POOL_ID"]

    script = "cognito-test-user cleanup\n"

    assert script in blocks(PAGE, "sh")
    shell.run(script)


def test_kept_user_is_adopted_and_deleted(world: World, shell: Shell) -> None:
    """By the name that the first command has printed."""
    shell.run(block("cognito-test-user adopt"))

    assert len(shell.tested) == 1
    assert world.account.users(shell.pool) == []


def test_values_with_several_lines(world: World, shell: Shell) -> None:
    """As bash reads them: two attributes, one user, two users."""
    world.account.cognito.create_group(UserPoolId=shell.pool, GroupName="admins")

    shell.run(block("$'name=Ada"))

    assert len(shell.tested) == 3
    first, *others = world.aws.parameters("AdminCreateUser")
    attributes = {each["Name"]: each["Value"] for each in first["UserAttributes"]}
    assert (attributes["name"], attributes["locale"]) == ("Ada", "en")
    assert len(others) == 3
    assert [each["GroupName"] for each in world.aws.parameters("AdminAddUserToGroup")] == ["admins", "admins"]
    assert world.account.users(shell.pool) == []


def test_token_of_one_of_several_users(world: World, shell: Shell) -> None:
    """The page's line with `jq`, in what the command runs."""
    script = block("jq -r")
    shell.program("npm", script)
    client = world.account.create_app_client(shell.pool, "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")

    process = shell.run("cognito-test-user run --users 'admin:' -- npm test", COGNITO_TEST_USER_CLIENT_ID=client)

    assert process.stdout.count(".") == 2, process.stdout
    assert process.stdout.startswith("ey")


def test_emulator_on_this_machine(world: World, shell: Shell) -> None:
    """The recipe's lines, with the port of this emulator."""
    [script] = blocks((FOLDER / "emulator.md").read_text(encoding="utf-8"), "sh")
    own = script.replace("http://localhost:4566", world.aws.url.replace("127.0.0.1", "localhost"))
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "COGNITO_TEST_USER_USER_POOL_ID"):
        del shell.environ[name]

    shell.run(own.replace("us-east-1_AbCdEfGhI", shell.pool))

    assert len(shell.tested) == 1
    assert world.account.users(shell.pool) == []


def test_sweep_lists_old_users(shell: Shell) -> None:
    """There are none."""
    assert "older than 24h: 0" in shell.run(block("cognito-test-user sweep")).stderr


def on_a_runner(world: World, folder: Path) -> Shell:
    """A shell on GitHub's runner, in a job with the page's `env:`."""
    [job] = yaml.safe_load(block("macos-latest", "yaml"))["jobs"].values()
    shell = Shell(world, folder / "home", world.pool("email"))
    (shell.home / "summary").touch()
    shell.environ |= {
        **world.github.environ,
        **job["env"],
        "COGNITO_TEST_USER_USER_POOL_ID": shell.pool,
        "COGNITO_TEST_USER_ROLE_TO_ASSUME": world.role(shell.pool),
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY_ID": REPOSITORY_ID,
        "GITHUB_RUN_ID": RUN_ID,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_STEP_SUMMARY": str(shell.home / "summary"),
    }
    return shell


def test_steps_on_a_runner_of_github(world: World, tmp_path: Path) -> None:
    """With `exec`, in the shell that the workflow names; the last step finds nothing to do."""
    shell = on_a_runner(world, tmp_path)
    [job] = yaml.safe_load(block("macos-latest", "yaml"))["jobs"].values()

    ran = [shell.run(step["run"]) for step in job["steps"] if "cognito-test-user " in step.get("run", "")]

    assert len(ran) == 2
    assert ran[0].stderr.startswith("\n::add-mask::")
    assert [name.rpartition("-")[0] for name in shell.tested] == [f"gha-{REPOSITORY_ID}-{RUN_ID}-1"]
    assert world.account.users(shell.pool) == []


def test_kept_user_in_later_steps_of_github(world: World, tmp_path: Path) -> None:
    """The name reaches them in the variable that the first step has written for the runner; it is not masked."""
    shell = on_a_runner(world, tmp_path)
    variables = shell.home / "variables"
    create, adopt, delete = yaml.safe_load(block("GITHUB_ENV", "yaml"))

    created = shell.run(create["run"], GITHUB_ENV=str(variables))
    name, _, value = variables.read_text().strip().partition("=")
    assert f"::add-mask::{value}" not in created.stderr
    shell.run(adopt["run"], **{name: value})
    assert shell.tested == [value]
    assert len(world.account.users(shell.pool)) == 1
    shell.run(delete["run"], **{name: value})

    assert world.account.users(shell.pool) == []


def test_job_of_gitlab(world: World, tmp_path: Path) -> None:
    """Each script is a shell of its own, and the token dies with the first one."""
    shell, role = other_ci(world, tmp_path)
    job = yaml.safe_load(block("id_tokens", "yml"))["test"]
    path = tmp_path / "aws-id-token"
    shell.environ |= {
        "CI_SERVER_URL": "https://gitlab.com",
        "CI_PROJECT_ID": "4711",
        **job["variables"],
        "COGNITO_TEST_USER_USER_POOL_ID": shell.pool,
        "COGNITO_TEST_USER_ROLE_TO_ASSUME": role,
        "COGNITO_TEST_USER_WEB_IDENTITY_TOKEN_FILE": str(path),
        "AWS_ID_TOKEN": token(),
    }
    lines = [line for line in (*job["before_script"], *job["script"]) if not line.startswith("pip ")]

    process = shell.run("\n".join(lines))
    shell.run("\n".join(job["after_script"]))

    assert path.stat().st_mode & 0o777 == 0o600
    assert "can be deleted until" in process.stderr
    assert len(shell.tested) == 1
    assert world.account.users(shell.pool) == []


def with_fresh_tokens(world: World, folder: Path, ci: str, subject: str) -> Shell:
    """A shell in a CI with a command that gives ID tokens, and the role that the page describes for it."""
    issuer = {"circleci": CIRCLECI, "buildkite-agent": BUILDKITE}[ci]
    shell, role = other_ci(world, folder, issuer)
    shell.program(ci, f"""printf '%s\\n' "$*" >> "$HOME/asked"; echo {token(subject, issuer)}""")
    shell.environ["COGNITO_TEST_USER_ROLE_TO_ASSUME"] = role
    return shell


def run_in(ci: str) -> str:
    """The page's line for a CI with such a command."""
    [found] = [text for text in blocks(PAGE, "sh") if text.startswith("cognito-test-user run") and ci in text]
    return found


TRUSTED = [
    ("circleci", OF_CIRCLECI.format(ORGANIZATION, PROJECT)),
    ("buildkite-agent", OF_BUILDKITE.format("main")),
]


@pytest.mark.parametrize(("ci", "subject"), TRUSTED)
def test_command_for_a_fresh_token(world: World, tmp_path: Path, ci: str, subject: str) -> None:
    """It is asked for twice, with the audience that the role's trust policy wants."""
    shell = with_fresh_tokens(world, tmp_path, ci, subject)

    shell.run(run_in(ci))

    asked = (shell.home / "asked").read_text().splitlines()
    assert len(asked) == 2
    assert all("sts.amazonaws.com" in line for line in asked)
    claims = asked[0].partition("--claims ")[2]
    assert not claims or json.loads(claims) == {"aud": "sts.amazonaws.com"}
    assert len(shell.tested) == 1
    assert world.account.users(shell.pool) == []


@pytest.mark.parametrize(("ci", "subject"), TRUSTED)
def test_cleanup_after_a_killed_command(world: World, tmp_path: Path, ci: str, subject: str) -> None:
    """As the page's step or hook: it needs no pool and no role, and gets a token of its own."""
    shell = with_fresh_tokens(world, tmp_path, ci, subject)
    shell.program("npm", "kill -9 $PPID")
    shell.run(f"{run_in(ci).strip()} || true")
    assert len(world.account.users(shell.pool)) == 1
    for name in ("COGNITO_TEST_USER_USER_POOL_ID", "COGNITO_TEST_USER_ROLE_TO_ASSUME"):
        del shell.environ[name]

    if ci == "circleci":
        [step] = yaml.safe_load(block("when: always", "yml"))
        shell.run(step["run"]["command"], **step["run"]["environment"])
    else:
        shell.run(block("export COGNITO_TEST_USER_WEB_IDENTITY_TOKEN_COMMAND"))

    assert world.account.users(shell.pool) == []


@pytest.mark.parametrize(
    ("ci", "subject"),
    [
        ("circleci", OF_CIRCLECI.format(ORGANIZATION, ORGANIZATION)),
        ("circleci", OF_CIRCLECI.format(PROJECT, PROJECT)),
        ("buildkite-agent", OF_BUILDKITE.format("other")),
        ("buildkite-agent", OF_BUILDKITE.format("main").replace("my-app", "my-app-2")),
    ],
)
def test_fresh_tokens_of_others_do_not_get_the_role(world: World, tmp_path: Path, ci: str, subject: str) -> None:
    """Of another project or organization, of another branch or pipeline."""
    shell = with_fresh_tokens(world, tmp_path, ci, subject)

    process = shell.run(f"{run_in(ci).strip()} || echo $?")

    assert process.stdout == "125\n"
    assert shell.tested == []


@pytest.mark.parametrize("subject", ["project_path:my-group/other:ref_type:branch:ref:main", f"{SUBJECT}-2"])
def test_other_projects_do_not_get_the_role(world: World, tmp_path: Path, subject: str) -> None:
    """Nor do other branches."""
    shell, role = other_ci(world, tmp_path)
    (shell.home / "token").write_text(token(subject))

    process = shell.run(
        f"cognito-test-user run --role-to-assume {role} --web-identity-token-file token -- npm test || echo $?"
    )

    assert process.stdout == "125\n"
    assert shell.tested == []


def test_ui_tests_get_the_user(world: World, shell: Shell) -> None:
    """The step of the recipe: under the names that `xcodebuild` hands on."""
    [[step]] = [yaml.safe_load(text) for text in blocks((FOLDER / "ios.md").read_text(encoding="utf-8"), "yaml")]
    shell.program("xcodebuild", """echo "$TEST_RUNNER_E2E_USERNAME $TEST_RUNNER_E2E_PASSWORD $1" >> "$HOME/tested" """)

    shell.run(step["run"])

    [[name, password, verb]] = [line.split(" ") for line in shell.tested]
    assert name.startswith("ctu-")
    assert len(password) == 32
    assert verb == "test"
    assert world.account.users(shell.pool) == []
