"""Where the command runs, as the names of its users tell it: a project of another CI, or a user of a machine."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cognito_action.naming import Origin, Place, Run

PROJECTS: Mapping[str, tuple[str, ...]] = {
    "GitLab": ("CI_SERVER_URL", "CI_PROJECT_ID"),
    "CircleCI": ("CIRCLE_PROJECT_ID",),
    "Buildkite": ("BUILDKITE_PIPELINE_ID",),
    "Azure Pipelines": ("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECTID", "BUILD_REPOSITORY_ID"),
    "Bitbucket": ("BITBUCKET_REPO_UUID",),
}
"""The variables that tell one project of a CI from all others, whatever machine or container a job gets."""


def in_github(environ: Mapping[str, str]) -> bool:
    """Whether this is a `run:` step of GitHub, whose runner reads workflow commands."""
    return environ.get("GITHUB_ACTIONS") == "true"


def describe_place(environ: Mapping[str, str], name: str, user_and_machine: Callable[[], tuple[str, str]]) -> str:
    """What is particular to this place: the `name` that it was given, a CI's project, or the user and the machine.

    Of the machine's name only the first part counts: the rest changes with the network.
    """
    if name:
        return name
    for ci, variables in PROJECTS.items():
        if all(environ.get(variable) for variable in variables):
            return " ".join([ci, *(environ[variable] for variable in variables)])
    user, machine = user_and_machine()
    return f"{user}@{machine.partition('.')[0].lower()}"


def origin_of(
    environ: Mapping[str, str], name: str, now: datetime, user_and_machine: Callable[[], tuple[str, str]]
) -> Origin:
    """What the names of users are generated from: GitHub's run, as in the action, or the place and the time."""
    if in_github(environ):
        return Run.from_environ(environ)
    description = describe_place(environ, name, user_and_machine)
    digest = hashlib.sha256(description.encode("utf-8", "backslashreplace")).hexdigest()
    return Place(digest[:16], f"{now.astimezone(UTC):%Y%m%d%H%M%S}")


def user_and_machine() -> tuple[str, str]:
    """Who runs this (by `LOGNAME`, `USER` or the system), and on which machine; an empty text for what is not known."""
    import getpass  # noqa: PLC0415 - most places need neither
    import platform  # noqa: PLC0415

    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = ""
    return user, platform.node()
