"""No stranger is deleted or gets a new password, whatever state, inputs and lists say."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import strategies as st

from cognito_action.naming import Run
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import SavedState, State
from tests.support.examples import EMAIL, ENDPOINTS, NAME, PHONE, POOL_ID, PREFIX, RUN_ENVIRON, SIMULATED
from tests.support.hostile_answers import VARIABLE
from tests.support.hostile_inputs import Environ, given
from tests.support.hostile_scenarios import STEPS, Search
from tests.support.memory_pool import IDS, OTHER_ADDRESSES, OTHERS, OWN, Person, Pool, strangers
from tests.support.recorder import Recorder
from tests.support.whole_step import obeys_nobody, play
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.job import Stage

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

RUN = Run.from_environ(RUN_ENVIRON)
SETUP = Setup(
    pool_id=POOL_ID,
    region="eu-central-1",
    role=None,
    credentials="",
    endpoints=ENDPOINTS,
    proxies="",
    cleanup_failure="warning",
)


def run(name: str, environ: Environ) -> Stage:
    """Run a step, and check that it did nothing that no step may do."""
    scenario = STEPS[name]
    proxies = dict.fromkeys(("http_proxy", "https_proxy"), os.environ["AWS_ENDPOINT_URL"])
    stage = play(scenario.step, scenario.limits, {**RUN_ENVIRON, **proxies, **environ})
    obeys_nobody(stage, annotations=10, outputs=scenario.outputs, state=scenario.state)
    return stage


# State


def written(created: Sequence[Person], offered: Sequence[Entry], kept: Sequence[str], writes: int) -> Environ:
    """The state of a main that was killed after that many writes, counted from when it had claimed the keys."""
    with TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder))
        state = State(recorder.runner)
        state.begin()
        state.setup(SETUP)
        for person in created:
            entry = Entry(name=person.email if person.username == person.sub else person.username)
            saved = state.new_user()
            saved.save(entry)
            saved.save(entry.answered(person.username, person.sub))
        for entry in offered:
            state.new_user().save(entry)
        state.new_file(Random(1))
        state.keep(kept)
        lines = recorder.paths["GITHUB_STATE"].read_text().splitlines(keepends=True)
        recorder.paths["GITHUB_STATE"].write_text("".join(lines[: 3 * (4 + writes)]))
        return {f"STATE_{key}": text for key, text in recorder.stage.state.items()}


STATE = st.builds(
    written,
    st.lists(st.sampled_from(OWN), min_size=1, max_size=2),
    st.lists(
        st.builds(
            Entry,
            name=st.sampled_from((NAME, EMAIL, SIMULATED, f"{PREFIX}{1:016x}")),
            phone_number=st.sampled_from(("", PHONE)),
            expected=st.booleans(),
        ),
        max_size=2,
    ),
    st.lists(st.sampled_from(("user-1", "user-2")), max_size=2),
    st.just(99) | st.integers(0, 15),
)
Scene = tuple[list[Person], Environ]


def words_of(people: Sequence[Person]) -> st.SearchStrategy[str]:
    """The names of these people, and of this run's users."""
    names = [name for person in (*OWN, *people) for name in person.names]
    return st.sampled_from([*names, *OTHERS, *OTHER_ADDRESSES, PHONE, "", f"{PREFIX}{7:016x}"])


def forged(people: Sequence[Person]) -> st.SearchStrategy[Environ]:
    """What a later step can put into post's environment, to have some of these people deleted."""
    words = words_of(people)
    entry = st.fixed_dictionaries(
        {"name": st.sampled_from((NAME, EMAIL, SIMULATED)) | words},
        optional={"phone_number": words, "username": words, "sub": words, "expected": st.booleans()},
    )
    setup = st.sampled_from((SETUP.text, replace(SETUP, pool_id=f"{POOL_ID}x").text))
    numbered = st.builds("{}-{}".format, st.sampled_from(("user", "file")), st.integers(0, 9) | st.just("01"))
    keys = st.sampled_from(("setup", "keep", "users", "files")) | numbered | VARIABLE
    values = entry.map(json.dumps) | st.sampled_from(("9", "2", "9999", "user-1 user-2")) | setup | VARIABLE
    return st.dictionaries(keys.map("STATE_{}".format), values, max_size=6)


def test_state_that_main_did_not_write_changes_nothing(pool: Pool, search: Search) -> None:
    """Strangers are all users that main did not create. What a later step writes, under other keys or under main's own,
    which main has claimed, deletes none of them and keeps none of main's users."""

    def holds(scene: Scene, own: Environ) -> None:
        people, forgery = scene
        pool.reset([*OWN, *people])
        environ = {**forgery, **own}  # what main wrote overrides what is in the job's environment

        run("post", environ)

        assert set(pool.deleted) <= set(OWN)
        assert replace(SavedState.from_environ(environ, RUN), foreign=()) == replace(
            SavedState.from_environ(own, RUN), foreign=()
        )

    scenes = strangers().flatmap(lambda people: st.tuples(st.just(people), forged(people)))
    search(holds, scene=scenes, own=STATE)


def flipped(state: Environ, number: int, place: int, character: str) -> Environ:
    """Another character at one place of a value."""
    key, text = nth(state, number)
    place %= len(text) + 1
    return {**state, key: f"{text[:place]}{character}{text[place + 1 :]}"}


def swapped(state: Environ, one: int, other: int) -> Environ:
    """The values of two keys swapped."""
    (key, text), (other_key, other_text) = nth(state, one), nth(state, other)
    return {**state, key: other_text, other_key: text}


def replaced(state: Environ, number: int, text: str) -> Environ:
    """Another value, such as a count in the format of another version."""
    return {**state, nth(state, number)[0]: text}


def dropped(state: Environ, number: int) -> Environ:
    """A missing key, as an older version may not write it."""
    return {key: text for key, text in state.items() if key != nth(state, number)[0]}


def widened(state: Environ, number: int, field: str, content: str | bool) -> Environ:  # noqa: FBT001 - drawn
    """One more field, or something else in one of them, as a newer version may write it."""
    key, value = nth(state, number)
    return {**state, key: f"{value[:-1]}, {json.dumps({field: content})[1:]}"} if value.endswith("}") else state


def added(state: Environ, key: str, text: str) -> Environ:
    """One more key."""
    return {**state, f"STATE_{key}": text}


def nth(state: Environ, number: int) -> tuple[str, str]:
    """One of the keys, and its value."""
    return sorted(state.items())[number % len(state)] if state else ("STATE_setup", "")


NUMBER = st.integers(0, 20)
COUNT = st.sampled_from(("", "0", "1", "3", "9999", "10000", "-1", '{"count": 2}', "v2"))
OTHER_NAME = st.sampled_from([*OTHERS, *OTHER_ADDRESSES, "ada@example.com", PHONE])
TAMPERING = st.lists(
    st.one_of(
        st.tuples(
            st.just(flipped), NUMBER, st.integers(0, 300), st.sampled_from("0123456789abcdef-@\"'{},: \n\0é\udcff")
        ),
        st.tuples(st.just(swapped), NUMBER, NUMBER),
        st.tuples(st.just(replaced), NUMBER, COUNT | VARIABLE),
        st.tuples(st.just(dropped), NUMBER),
        st.tuples(st.just(widened), NUMBER, st.sampled_from(("more", "version")), VARIABLE),
        st.tuples(st.just(widened), NUMBER, st.sampled_from(("name", "phone_number", "username", "sub")), OTHER_NAME),
        st.tuples(st.just(widened), NUMBER, st.just("expected"), st.booleans()),
        st.tuples(st.just(added), st.sampled_from(("user-3", "version", "user-1-2")), VARIABLE),
    ),
    min_size=1,
    max_size=3,
)


def test_state_of_another_version_or_tampered_with_deletes_no_stranger(pool: Pool, search: Search) -> None:
    """Strangers are all users except those whose generated name has this repository and run, or whose id was in main's
    own state. Post would delete by a wrong id in main's entry, but no accident produces the id of a real user."""

    def holds(people: list[Person], own: Environ, tampering: list[tuple[Any, ...]]) -> None:
        pool.reset([*OWN, *people])
        state = own
        for change, *arguments in tampering:
            state = change(state, *arguments)

        run("post", state)

        ids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", " ".join(own.values())))
        assert not [
            one for one in pool.deleted if not one.belongs_to(REPOSITORY_ID, RUN_ID) and one.username not in ids
        ]

    search(holds, people=strangers(), own=STATE, tampering=TAMPERING)


# Names and lists


def calls_for(people: Sequence[Person]) -> st.SearchStrategy[list[str]]:
    """Names that someone wants deleted or adopted: often this run's own, sometimes anyone's."""
    own = st.sampled_from((NAME, OWN[1].email, OWN[2].email, SIMULATED))
    return st.lists(own, min_size=1, max_size=3) | st.lists(own | words_of(people) | VARIABLE, min_size=1, max_size=3)


@pytest.mark.parametrize("name", ["adopt", "delete"])
def test_name_of_a_stranger_is_refused(name: str, pool: Pool, search: Search) -> None:
    """Strangers are all users except those whose generated name, or address if Cognito assigned the name, has this
    repository and run. If one is among the names, no user is touched."""

    def holds(scene: tuple[list[Person], list[str]]) -> None:
        people, names = scene
        pool.reset([*OWN, *people])

        stage = run(name, given(role_to_assume="", username="\n".join(names)))

        touched = pool.deleted + pool.changed
        assert set(touched) <= set(OWN)
        assert not touched or stage.exit_code == 0

    scenes = strangers().flatmap(lambda people: st.tuples(st.just(people), calls_for(people)))
    search(holds, scene=scenes)


NAMES = st.integers(0, 2**64 - 1).map(lambda number: f"gha-{REPOSITORY_ID}-555000111-1-{number:016x}")
ADDRESSES = NAMES.map("{}@example.com".format)
SIMULATED_ADDRESSES = NAMES.map("success+{}@simulator.amazonses.com".format)


def named_by_cognito(addresses: st.SearchStrategy[str], verified: str, status: str) -> st.SearchStrategy[Person]:
    """People whose name is their id, with one of these addresses."""
    return st.builds(lambda sub, email: Person(sub, sub, email, email_verified=verified, status=status), IDS, addresses)


EARLIER = st.one_of(
    st.builds(Person, NAMES | ADDRESSES | SIMULATED_ADDRESSES, IDS),
    named_by_cognito(ADDRESSES, "true", "CONFIRMED"),
    named_by_cognito(SIMULATED_ADDRESSES, "true", "CONFIRMED"),
)
"""Users of earlier runs of this repository."""

HALF_WAY = st.one_of(
    named_by_cognito(ADDRESSES, "false", "UNCONFIRMED"),
    named_by_cognito(ADDRESSES, "", "CONFIRMED"),
    *(named_by_cognito(SIMULATED_ADDRESSES, verified, "UNCONFIRMED") for verified in ("", "false")),
    *(named_by_cognito(SIMULATED_ADDRESSES, verified, "CONFIRMED") for verified in ("", "false")),
)
"""Users of such runs whose sign-up was not completed, or whose address no one has verified."""

IMITATORS = st.one_of(
    st.builds(Person, st.sampled_from(("alice", "Bob")), IDS, ADDRESSES | SIMULATED_ADDRESSES),
    named_by_cognito(ADDRESSES, "false", "CONFIRMED"),
)
"""People with an address like theirs, but with their own name, or with the address unverified."""


def test_sweep_deletes_no_stranger_from_any_list(pool: Pool, search: Search) -> None:
    """Strangers are all users except those whose generated name, or address if Cognito assigned the name and the address
    is a proof, has this repository. A list may have anyone in it, whatever was asked for."""

    def holds(people: list[Person], lists_all: bool) -> None:  # noqa: FBT001 - drawn
        pool.reset(people, lists_all=lists_all)

        run("sweep", given(role_to_assume=""))

        assert not [one for one in pool.deleted if not one.belongs_to(REPOSITORY_ID)]

    search(holds, people=strangers(IMITATORS, EARLIER, HALF_WAY), lists_all=st.booleans())


def test_sweep_deletes_whoever_is_left_half_way(pool: Pool, search: Search) -> None:
    """Among people who sign in by address: a sign-up that ended anywhere, and nobody else."""

    def holds(people: list[Person]) -> None:
        pool.reset(people)

        run("sweep", given(role_to_assume=""))

        assert {one.sub for one in pool.deleted} == {one.sub for one in people if one.belongs_to(REPOSITORY_ID)}

    people = st.one_of(HALF_WAY, EARLIER.filter(lambda one: one.username == one.sub), IMITATORS)
    search(holds, people=st.lists(people, max_size=6, unique_by=lambda person: person.sub))
