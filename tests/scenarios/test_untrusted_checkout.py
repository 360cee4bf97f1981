"""The working directory is a checkout that anyone's pull request may have written."""

import pytest

from tests.support.world import World

TRAP = "raise SystemExit('the checkout was imported')"


@pytest.mark.parametrize("folder", ["workspace", "home"])
def test_planted_modules_are_not_imported(world: World, folder: str) -> None:
    """Modules in the working directory, on `PYTHONPATH` or in the home of earlier steps have no effect."""
    pool = world.pool()
    job = world.job()
    traps = {
        "workspace": job.workspace,
        "home": job.folder / ".local/lib/python3.13/site-packages",
    }[folder]
    for module in ("boto3", "json", "pydantic", "cognito_action", "sitecustomize", "usercustomize"):
        traps.mkdir(parents=True, exist_ok=True)
        (traps / f"{module}.py").write_text(TRAP)

    main = job.main(world.inputs(pool), PYTHONPATH=str(traps), PYTHONSTARTUP=str(traps / "json.py"))

    assert (main.exit_code, main.stderr) == (0, "")
    assert job.post(PYTHONPATH=str(traps)).exit_code == 0
    assert world.account.users(pool) == []


def test_profiles_of_the_job_have_no_effect(world: World) -> None:
    """With a role given, neither `AWS_PROFILE` nor `~/.aws` has any effect: earlier steps can write both."""
    pool = world.pool()
    job = world.job()
    configuration = job.folder / ".aws"
    configuration.mkdir()
    (configuration / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:1\nregion = nowhere\n")
    (configuration / "credentials").write_text("[default]\naws_access_key_id = AKIAEVIL\naws_secret_access_key = x\n")
    (configuration / "models/cognito-idp/2016-04-18").mkdir(parents=True)
    (configuration / "models/cognito-idp/2016-04-18/service-2.json").write_text("{}")
    environ = {"AWS_PROFILE": "missing", "AWS_CONFIG_FILE": str(configuration / "config")}

    main = job.main(world.inputs(pool), **environ)

    assert main.exit_code == 0, main.log
    assert job.post({}, **environ).exit_code == 0
    assert world.account.users(pool) == []
