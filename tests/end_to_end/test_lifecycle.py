"""The main feature, in the image: a user who can sign in, is output masked, and is gone when the job ends."""

import re
from pathlib import Path

import pytest

from tests.support.world import MAIN_CALLS, POST_CALLS, World
from tools.emulator.container import DockerJob, docker
from tools.emulator.http import Answer
from tools.emulator.job import ROOT, Stage
from tools.emulator.proxy import Call


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_exists_from_main_to_post(world: World, job: DockerJob, kind: str) -> None:
    """The two containers make seven requests with three permissions, and no secret shows before it is masked."""
    pool = world.pool(kind)
    inputs = world.inputs(pool)
    session_secrets: list[str] = []

    def remember(call: Call) -> Answer:
        answer = call.forward()
        found = re.findall(rb"<(AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<", answer.body)
        session_secrets.extend(value.decode() for _, value in found)
        return answer

    world.aws.on("AssumeRoleWithWebIdentity", remember, remember)

    main = job.main(inputs)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", [])
    assert world.aws.calls == MAIN_CALLS
    assert world.sign_in(pool, main)["AccessToken"]
    [creation] = world.aws.parameters("AdminCreateUser")
    user_secrets = [creation["TemporaryPassword"], *(main.outputs[name] for name in ("username", "password", "email"))]
    assert len(session_secrets) == 3
    assert _shown_before_masked(main, [*user_secrets, *session_secrets, *world.github.tokens]) == []
    world.aws.calls.clear()

    post = job.post(inputs)

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert world.aws.calls == POST_CALLS
    assert world.account.users(pool) == []
    assert _shown_before_masked(post, [*session_secrets[3:], *world.github.tokens[1:]]) == []
    assert not [secret for secret in user_secrets if secret in post.stdout]


def test_untrusted_checkout_changes_nothing(world: World, job: DockerJob) -> None:
    """Modules, startup files and AWS settings that a pull request or an earlier step left are not used."""
    pool = world.pool()
    trap = 'open("/github/workspace/sprung", "a").write(__file__); raise SystemExit("a file of the job was run")\n'
    python = re.search(r"python:(3\.\d+)", (ROOT / "Dockerfile").read_text())
    assert python
    site_packages = job.home / f".local/lib/python{python[1]}/site-packages"
    for folder in (job.workspace, site_packages):
        for module in ("boto3", "botocore", "json", "pydantic", "signal", "sitecustomize", "usercustomize"):
            _write(folder / f"{module}.py", trap)
        _write(folder / "cognito_action/__init__.py", trap)
    _write(site_packages / "trap.pth", 'import sys; open("/github/workspace/sprung", "a")\n')
    _write(job.home / ".aws/config", "[default]\nretry_mode = none of these\ncredential_process = touch sprung\n")
    _write(job.home / ".aws/credentials", "this is no INI file\n")
    for folder in (job.workspace / "models", job.home / ".aws/models"):
        _write(folder / "cognito-idp/9999-01-01/service-2.json", "{}")
        _write(folder / "sts/9999-01-01/service-2.json", "{}")
    settings = {
        "PYTHONPATH": str(job.workspace),
        "PYTHONSTARTUP": str(job.workspace / "boto3.py"),
        "PYTHONHOME": str(job.workspace),
        "PYTHONUSERBASE": str(job.home / ".local"),
        "AWS_PROFILE": "nonexistent",
        "AWS_DATA_PATH": str(job.workspace / "models"),
    }

    main = job.main(world.inputs(pool), **settings)
    post = job.post(None, **settings)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", [])
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert world.aws.calls == [*MAIN_CALLS, *POST_CALLS]
    assert world.account.users(pool) == []
    assert not (job.workspace / "sprung").exists()
    # The traps work: without isolation, the same executable runs into one.
    options = ["--rm", "--network", "none", "-e", "PYTHONPATH=/github/workspace"]
    options += ["-v", f"{job.workspace}:/github/workspace", "--entrypoint", "/venv/bin/python"]
    docker("run", *options, job.image, "/action/entrypoint.py", check=False)
    assert (job.workspace / "sprung").exists()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _shown_before_masked(stage: Stage, values: list[str]) -> list[str]:
    """Those of `values` that stdout shows before, or without, the command that masks exactly that value."""
    lines = stage.stdout.splitlines()
    shown = []
    for value in values:
        mask = f"::add-mask::{value}"
        before = lines[: lines.index(mask)] if mask in lines else lines
        if mask not in lines or any(value in line for line in before):
            shown.append(value)
    return shown
