"""The place: the same in each job of a project, and another one for everybody else."""

import hashlib
import os
import socket
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.naming import Place, Run, owner_of
from cognito_action.terminal.place import PROJECTS, describe_place, in_github, origin_of, user_and_machine
from tests.support.examples import ANY_TEXT, RUN_ENVIRON

NOW = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)

GITLAB = {"CI_SERVER_URL": "https://gitlab.com", "CI_PROJECT_ID": "42", "GITLAB_CI": "true"}

CI = [dict.fromkeys(variables, "some-value") for variables in PROJECTS.values()]


def place(environ: dict[str, str] | None = None, name: str = "", user: str = "alice", machine: str = "laptop") -> Place:
    origin = origin_of(environ or {}, name, NOW, lambda: (user, machine))
    assert isinstance(origin, Place)
    return origin


@pytest.mark.parametrize("environ", [{}, *CI])
def test_place_stays_the_same(environ: dict[str, str]) -> None:
    """Another job, a minute later, has other variables, and the same place."""
    later = origin_of({**environ, "CI_JOB_ID": "2", "PATH": "/x"}, "", NOW + timedelta(60), lambda: ("alice", "laptop"))

    assert isinstance(later, Place)
    assert later.id == place(environ).id
    assert later.time > place(environ).time


def test_digits_of_the_place_are_a_digest() -> None:
    """They are on record in the names of users, so they may not change from version to version."""
    assert place().id == hashlib.sha256(b"alice@laptop").hexdigest()[:16]
    assert place(GITLAB).id == hashlib.sha256(b"GitLab https://gitlab.com 42").hexdigest()[:16]
    assert place(name="é").id == hashlib.sha256("é".encode()).hexdigest()[:16]


def test_everybody_has_another_place() -> None:
    """Each user, machine, project and server, and each name that was given."""
    places = [
        *(place(), place(user="bob"), place(machine="desktop"), place(name="nightly"), place(name="Nightly")),
        *(place(environ) for environ in CI),
        *(place(GITLAB), place({**GITLAB, "CI_PROJECT_ID": "43"}), place({**GITLAB, "CI_SERVER_URL": "https://x"})),
    ]

    assert len({each.id for each in places}) == len(places)


@pytest.mark.parametrize("environ", CI)
def test_project_has_one_place_whatever_its_machines_are(environ: dict[str, str]) -> None:
    """A job's container has a name of its own each time, and often another user."""
    assert place(environ, machine="runner-1a2b", user="root").id == place(environ, machine="f00d", user="node").id


@pytest.mark.parametrize("environ", CI)
def test_project_whose_variables_are_not_all_there_is_none(environ: dict[str, str]) -> None:
    """An empty one counts as missing: each project would have the same place."""
    for name in environ:
        assert place({**environ, name: ""}).id == place().id


@pytest.mark.parametrize("machine", ["laptop.local", "LAPTOP", "laptop.fritz.box", "Laptop.corp.example.com"])
def test_machine_has_one_place_whatever_its_network_is(machine: str) -> None:
    """The domain changes with it, and so may upper and lower case."""
    assert place(machine=machine).id == place().id


@pytest.mark.parametrize("environ", [{}, *CI])
def test_name_that_was_given_comes_first(environ: dict[str, str]) -> None:
    """So it can be the same in two projects, or on two machines."""
    assert place(environ, "nightly", "bob", "desktop").id == place({}, "nightly").id
    assert describe_place(environ, "nightly", lambda: ("alice", "laptop")) == "nightly"


@pytest.mark.parametrize("name", ["", "nightly"])
def test_github_has_its_run(name: str) -> None:
    """The action's sweep knows the users of the command by that, whatever the place was named."""
    environ = {**GITLAB, **RUN_ENVIRON, "GITHUB_ACTIONS": "true"}

    assert origin_of(environ, name, NOW, user_and_machine) == Run("123456789", "9876543210", "1")


@pytest.mark.parametrize("value", [None, "", "false", "TRUE", "1"])
def test_only_its_runner_is_github(value: str | None) -> None:
    """Other programs set similar variables."""
    environ = {} if value is None else {"GITHUB_ACTIONS": value}

    assert not in_github(environ)
    assert isinstance(origin_of({**RUN_ENVIRON, **environ}, "", NOW, user_and_machine), Place)


def test_time_is_in_utc() -> None:
    """Wherever the machine is."""
    local = NOW.astimezone(timezone(timedelta(hours=-9)))

    assert origin_of({}, "x", local, user_and_machine) == origin_of({}, "x", NOW, user_and_machine)
    assert place().time == "20261124120005"


@given(name=ANY_TEXT.filter(bool), time=st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis adds the zone
def test_whatever_the_place_its_names_are_known(name: str, time: datetime) -> None:
    """No text leads to a name that the command would not recognize later."""
    origin = origin_of({}, name, time, user_and_machine)

    assert owner_of(f"{origin.prefix}0123456789abcdef") == origin


def test_system_tells_user_and_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is that of the login, who may differ from the owner of the home folder."""
    monkeypatch.setenv("LOGNAME", "alice")

    assert user_and_machine() == ("alice", socket.gethostname())


def test_user_whom_the_system_does_not_know_is_empty(unknown_user: str) -> None:
    """A container may run as any number; that is no reason to fail."""
    assert unknown_user == f"('', '{os.uname().nodename}')"
