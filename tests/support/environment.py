"""Files and variables in an environment that do not come from the test."""

from pathlib import Path

POISON = "[this is no configuration"


def poisoned(home: Path) -> dict[str, str]:
    """Write files that break every reader of `~/.aws`, and return the variables that point to them."""
    folder = home / ".aws"
    for model in ("cognito-idp/2016-04-18", "sts/2011-06-15"):
        path = folder / "models" / model
        path.mkdir(parents=True)
        (path / "service-2.json").write_text(POISON)
    for name in ("config", "credentials", "models/endpoints.json", "models/_retry.json"):
        (folder / name).write_text(POISON)
    return {
        "AWS_PROFILE": "nonexistent",
        "AWS_DEFAULT_PROFILE": "nonexistent",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_DATA_PATH": str(folder / "models"),
    }


FOREIGN = ("AWS_", "ACTIONS_", "GITHUB_", "INPUT_", "STATE_", "RUNNER_")
"""Prefixes of the variables that GitHub, AWS and the action itself read."""
