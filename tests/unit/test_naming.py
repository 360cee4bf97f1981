"""Generated names are recognized, and nothing that looks like them is."""

import re
import string
from random import Random, SystemRandom

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cognito_action.naming import Place, Run, address_of, bare_name, is_simulated, origin_with, owner_of, visible_part
from tests.support.examples import ANY_TEXT, NAME, PREFIX, RUN_ENVIRON

SIMULATED = f"success+{NAME}@simulator.amazonses.com"
"""The address that takes a code, as AWS documents it (the mailbox simulator of Amazon SES, with a label)."""

OWNER = Run("123456789", "9876543210", "1")

LONG_IDS = st.from_regex("[0-9]{1,14}", fullmatch=True)
ATTEMPTS = st.from_regex("[0-9]{1,6}", fullmatch=True)
RUNS = st.builds(Run, LONG_IDS, LONG_IDS, ATTEMPTS)
SEEDS = st.integers(0, 2**64).map(Random)
DOMAINS = st.sampled_from(["example.com", "localhost", "a-b.c1.test.example.org", "1.example"])


# The run


def test_run_is_read_from_the_runners_variables() -> None:
    """Repository, run and attempt are GitHub's own numbers."""
    run = Run.from_environ(RUN_ENVIRON)

    assert run == OWNER
    assert run.prefix == PREFIX


@pytest.mark.parametrize("value", [None, "", " 1", "1\n", "-1", "1.0", "x", "\uff11", "123456789012345"])
@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("GITHUB_REPOSITORY_ID", Run("0", "9876543210", "1")),
        ("GITHUB_RUN_ID", Run("123456789", "0", "1")),
        ("GITHUB_RUN_ATTEMPT", Run("123456789", "9876543210", "0")),
    ],
)
def test_zero_stands_for_what_is_not_a_github_number(name: str, run: Run, value: str | None) -> None:
    """A missing number, or one that would break the name's format, is zero."""
    environ = {key: text for key, text in {**RUN_ENVIRON, name: value}.items() if text is not None}

    assert Run.from_environ(environ) == run


@given(value=ANY_TEXT)
def test_name_is_recognized_whatever_the_variables_hold(value: str) -> None:
    """No environment leads to a name that the action would not recognize as its own later."""
    run = Run.from_environ(dict.fromkeys(RUN_ENVIRON, value))

    assert owner_of(run.new_name(Random(1))) == run


# Names


@given(run=RUNS, random=SEEDS)
def test_name_parses_to_its_run(run: Run, random: Random) -> None:
    """A generated name is recognized, starts with the run's prefix and has at most 57 characters."""
    name = run.new_name(random)

    assert owner_of(name) == run
    assert name.startswith(run.prefix)
    assert len(name) <= 57


@given(run=RUNS, random=SEEDS, domain=DOMAINS)
def test_address_parses_to_its_run(run: Run, random: Random, domain: str) -> None:
    """The same holds with an email domain."""
    assert owner_of(f"{run.new_name(random)}@{domain}") == run


@given(run=RUNS, random=SEEDS)
def test_address_of_the_mailbox_simulator_parses_to_its_run(run: Run, random: Random) -> None:
    """The same holds with a label, which is the one other form; it starts with the run's second prefix."""
    address = f"success+{run.new_name(random)}@simulator.amazonses.com"

    assert owner_of(address) == run
    assert run.generated(address)
    assert address.startswith(run.search_prefixes[1])
    assert len(address) <= 128


@given(run=RUNS, other=RUNS, random=SEEDS)
def test_run_knows_the_names_of_its_own_attempts(run: Run, other: Run, random: Random) -> None:
    """The attempt does not matter; repository and run do."""
    name = Run(run.repository_id, run.run_id, other.attempt).new_name(random)

    assert run.generated(name)
    assert run.generated(f"{name}@example.com")
    assert other.generated(name) == ((other.repository_id, other.run_id) == (run.repository_id, run.run_id))
    assert name.startswith(run.search_prefixes[0])


@pytest.mark.parametrize("text", ["", "alice", PREFIX, f"x{NAME}", f"{NAME}0"])
def test_text_that_is_not_a_name_was_not_generated(text: str) -> None:
    """This run did not generate it."""
    assert not OWNER.generated(text)


def test_prefix_of_a_repository_ends_where_its_id_does() -> None:
    """Another id that starts with the same digits has another prefix."""
    assert OWNER.search_prefixes == ("gha-123456789-", "success+gha-123456789-")
    assert OWNER.prefix.startswith(OWNER.search_prefixes[0])


def test_longest_name_has_57_characters() -> None:
    """GitHub's longest numbers fit."""
    assert len(Run("9" * 14, "9" * 14, "9" * 6).new_name(Random(1))) == 57


def test_names_differ_in_64_random_bits() -> None:
    """Sixteen hexadecimal digits come from the random source, with leading zeros."""

    class Source(Random):
        def getrandbits(self, k: int) -> int:
            return {64: 0xAB}[k]

    assert OWNER.new_name(Source()) == f"{PREFIX}00000000000000ab"
    assert len({OWNER.new_name(SystemRandom()) for _ in range(100)}) == 100


@given(data=st.data(), run=RUNS, random=SEEDS, at_domain=st.sampled_from(["", "@example.com"]))
def test_name_with_a_changed_prefix_is_not_this_runs(
    data: st.DataObject, run: Run, random: Random, at_domain: str
) -> None:
    """A prefix with one character replaced, inserted or removed names no run, or another one."""
    name = run.new_name(random) + at_domain
    at = data.draw(st.integers(0, len(run.prefix) - 1))
    character = data.draw(st.sampled_from("0123456789-gha@. \n\uff11") | st.characters())
    removed = data.draw(st.integers(0, 1))
    mutated = name[:at] + character * data.draw(st.integers(0, 1)) + name[at + removed :]
    assume(mutated != name)

    assert owner_of(mutated) != run


@given(text=ANY_TEXT)
def test_text_around_a_name_is_not_a_name(text: str) -> None:
    """No text is recognized by a part of it."""
    assume(text)

    assert owner_of(text + NAME) is None
    assert owner_of(f"{text}{NAME}@example.com") is None
    assert owner_of(text + SIMULATED) is None
    assert owner_of(SIMULATED + text) is None
    assert owner_of(f"{text}{NAME}@simulator.amazonses.com") == (OWNER if text == "success+" else None)


@given(text=ANY_TEXT)
def test_name_with_text_after_it_is_an_address_or_not_recognized(text: str) -> None:
    """After the name only `@` and a domain in lower case may follow."""
    domain = text.removeprefix("@")
    address = text.startswith("@") and domain and set(domain) <= {*string.ascii_lowercase, *string.digits, *".-"}

    assert owner_of(NAME + text) == (OWNER if address or not text else None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gha-",
        PREFIX,
        f"{NAME}\n",
        f"{NAME}@example.com\n",
        f"\n{NAME}",
        f" {NAME}",
        f"{NAME} ",
        f"{NAME}0",
        NAME[:-1],
        f"{NAME[:-1]}g",
        f"{NAME[:-1]}F",
        NAME.upper(),
        NAME.replace("-", "\u2013"),
        NAME.replace("-", "_"),
        f"{NAME}@",
        f"{NAME}@EXAMPLE.com",
        f"{NAME}@example.com@example.com",
        f"{NAME}+tag@example.com",
        f"{NAME}@exämple.com",
        "gha-\uff11-1-1-0123456789abcdef",
        "gha-٣-1-1-0123456789abcdef",
        "gha-1-1-1-0123456789abcde\uff10",
        "gha--1-1-0123456789abcdef",
        "gha-1-1-0123456789abcdef",
        "gha-1-1-1-1-0123456789abcdef",
        "gha-123456789012345-1-1-0123456789abcdef",
        "gha-1-123456789012345-1-0123456789abcdef",
        "gha-1-1-1234567-0123456789abcdef",
        "gha-x-1-1-0123456789abcdef",
        "+15555550123",
        "11111111-2222-3333-4444-555555555555",
        "admin",
        f"success+{NAME}",
        f"success+{NAME}@",
        f"success+{NAME}@example.com",
        f"success+{NAME}@amazonses.com",
        f"success+{NAME}@mail.simulator.amazonses.com",
        f"success+{NAME}@simulator.amazonses.com.example.com",
        f"success+{NAME}@simulator-amazonses.com",
        f"success+{NAME}@simulatorXamazonses.com",
        f"success+{NAME}@simulator.amazonses.com@simulator.amazonses.com",
        f"{SIMULATED}\n",
        f"{SIMULATED} ",
        f"{SIMULATED}.",
        f" {SIMULATED}",
        SIMULATED.upper(),
        SIMULATED.replace("success", "Success"),
        SIMULATED.replace("amazonses", "AmazonSES"),
        SIMULATED.replace("+", "-"),
        SIMULATED.replace("+", "++"),
        SIMULATED.replace("success+", "success"),
        SIMULATED.replace("success+", "+"),
        SIMULATED.replace("success+", "success+success+"),
        SIMULATED.replace("success", "bounce"),
        SIMULATED.replace("success", "complaint"),
        SIMULATED.replace(NAME, f"{NAME}+tag"),
        SIMULATED.replace(NAME, f"x{NAME}"),
        SIMULATED.replace(NAME, NAME[:-1]),
        SIMULATED.replace(NAME, ""),
        "success@simulator.amazonses.com",
    ],
)
def test_lookalike_is_not_recognized(text: str) -> None:
    """A text that only resembles a generated name is not one."""
    assert owner_of(text) is None
    assert not is_simulated(text)
    assert visible_part(text) == ""


# Addresses


@pytest.mark.parametrize(
    ("domain", "gets_mail", "address"),
    [
        ("example.com", False, f"{NAME}@example.com"),
        ("example.com", True, SIMULATED),
        ("a.test", False, f"{NAME}@a.test"),
        ("a.test", True, f"{NAME}@a.test"),
        ("sub.example.com", True, f"{NAME}@sub.example.com"),
        ("simulator.amazonses.com", True, f"{NAME}@simulator.amazonses.com"),
        ("", False, ""),
        ("", True, ""),
    ],
)
def test_address_goes_where_mail_can_go(domain: str, address: str, *, gets_mail: bool) -> None:
    """Only the domain that takes no mail is replaced, and only if some may be sent; what it makes is recognized."""
    made = address_of(NAME, domain, gets_mail=gets_mail)

    assert made == address
    assert not made or owner_of(made) == OWNER


@given(run=RUNS, random=SEEDS, domain=DOMAINS, gets_mail=st.booleans())
def test_name_of_an_address_is_the_one_that_it_was_made_of(
    run: Run, random: Random, domain: str, *, gets_mail: bool
) -> None:
    """Whatever is around it; the part that may be seen lacks the random digits, and is a prefix that sweep knows."""
    name = run.new_name(random)
    address = address_of(name, domain, gets_mail=gets_mail)

    assert bare_name(address) == bare_name(name) == name
    assert owner_of(address) == run
    assert visible_part(name) == run.prefix
    assert address.startswith(visible_part(address))
    assert name[-16:] not in visible_part(address)
    assert visible_part(address).startswith(run.search_prefixes)


@pytest.mark.parametrize(
    ("address", "simulated"),
    [(SIMULATED, True), (NAME, False), (f"{NAME}@example.com", False), ("success@simulator.amazonses.com", False)],
)
def test_only_a_whole_generated_address_is_one_of_the_simulator(address: str, *, simulated: bool) -> None:
    """An address of the simulator that someone else made proves nothing."""
    assert is_simulated(address) is simulated


def test_name_at_the_domain_of_the_simulator_is_ours_without_a_label() -> None:
    """Whoever sets `email-domain` to it gets a generated address like any other, and none of the simulator."""
    assert owner_of(f"{NAME}@simulator.amazonses.com") == OWNER
    assert not is_simulated(f"{NAME}@simulator.amazonses.com")


# Places

PLACE_IDS = st.from_regex("[0-9a-f]{16}", fullmatch=True)
TIMES = st.from_regex("[0-9]{14}", fullmatch=True)
PLACES = st.builds(Place, PLACE_IDS, TIMES)
ORIGINS = PLACES | RUNS

PLACE = Place("0123456789abcdef", "20261124120005")
PLACE_NAME = "ctu-0123456789abcdef-20261124120005-fedcba9876543210"


@given(place=PLACES, random=SEEDS, domain=DOMAINS, gets_mail=st.booleans())
def test_name_of_a_place_is_recognized_bare_and_as_an_address(
    place: Place, random: Random, domain: str, *, gets_mail: bool
) -> None:
    """It has at most 57 characters, and starts with a prefix that sweep knows."""
    name = place.new_name(random)
    address = address_of(name, domain, gets_mail=gets_mail)

    assert owner_of(name) == owner_of(address) == place
    assert len(name) <= 57
    assert name.startswith((place.prefix, place.search_prefixes[0]))
    assert address.startswith(place.search_prefixes)
    assert bare_name(address) == name
    assert visible_part(name) == place.prefix
    assert place.generated(name)
    assert place.generated(address)


@given(place=PLACES, run=RUNS, random=SEEDS, at_domain=st.sampled_from(["", "@example.com"]))
def test_no_name_of_a_place_is_one_of_a_run(place: Place, run: Run, random: Random, at_domain: str) -> None:
    """Nor the other way round: neither deletes what the other has made."""
    of_place, of_run = place.new_name(random) + at_domain, run.new_name(random) + at_domain

    assert isinstance(owner_of(of_place), Place)
    assert isinstance(owner_of(of_run), Run)
    assert not run.generated(of_place)
    assert not place.generated(of_run)
    assert not run.sweeps(place)
    assert not place.sweeps(run)
    assert not of_place.startswith(run.search_prefixes)
    assert not of_run.startswith(place.search_prefixes)


@given(place=PLACES, other=PLACES, random=SEEDS)
def test_place_knows_the_names_of_all_its_times(place: Place, other: Place, random: Random) -> None:
    """Whatever the time, and of no other place."""
    name = Place(place.id, other.time).new_name(random)

    assert place.generated(name)
    assert place.sweeps(Place(place.id, other.time))
    assert other.generated(name) == other.sweeps(place) == (other.id == place.id)


@given(run=RUNS, other=RUNS)
def test_run_sweeps_what_its_repository_has_left(run: Run, other: Run) -> None:
    """Whichever run it was."""
    assert run.sweeps(Run(run.repository_id, other.run_id, other.attempt))
    assert run.sweeps(other) == (run.repository_id == other.repository_id)


@given(origin=ORIGINS)
def test_origin_is_told_by_its_prefix(origin: Place | Run) -> None:
    """And by nothing that is less, or more."""
    assert origin_with(origin.prefix) == origin
    assert origin_with(origin.prefix[:-1]) is None
    assert origin_with(f"success+{origin.prefix}") is None
    assert origin_with(f"{origin.prefix}{origin.prefix}") is None
    assert origin_with(f"{origin.prefix}0") is None


@given(text=ANY_TEXT)
def test_text_that_is_no_prefix_tells_no_origin(text: str) -> None:
    """Whatever a damaged journal holds."""
    assert origin_with(text) is None
    assert origin_with(PLACE.prefix + text) == (None if text else PLACE)


@given(origin=ORIGINS)
def test_name_of_a_session_is_one_that_sts_takes(origin: Place | Run) -> None:
    """It tells where the session belongs to."""
    assert re.fullmatch(r"[\w+=,.@-]{2,64}", origin.session_name, re.ASCII)


def test_what_a_place_says_of_itself() -> None:
    """These texts are on record in pools, journals and CloudTrail."""
    assert PLACE.prefix == "ctu-0123456789abcdef-20261124120005-"
    assert PLACE.search_prefixes == ("ctu-0123456789abcdef-", "success+ctu-0123456789abcdef-")
    assert PLACE.session_name == "cognito-0123456789abcdef-20261124120005"
    assert (PLACE.scope, OWNER.scope) == ("place", "repository")
    assert owner_of(PLACE_NAME) == PLACE


@pytest.mark.parametrize(
    "text",
    [
        PLACE.prefix,
        PLACE_NAME[:-1],
        f"{PLACE_NAME}0",
        f"{PLACE_NAME}\n",
        f"x{PLACE_NAME}",
        PLACE_NAME.upper(),
        f"{PLACE_NAME}@",
        f"{PLACE_NAME}@example.com\n",
        f"success+{PLACE_NAME}",
        f"success+{PLACE_NAME}@example.com",
        PLACE_NAME.replace("ctu-", "gha-"),
        PLACE_NAME.replace("ctu-", "ctu-1-"),
        PLACE_NAME.replace("2026", "026"),
        PLACE_NAME.replace("2026", "20260"),
        PLACE_NAME.replace("2026", "202\uff16"),
        PLACE_NAME.replace("0123456789abcdef", "0123456789ABCDEF"),
        PLACE_NAME.replace("0123456789abcdef", "123456789abcdef"),
        PLACE_NAME.replace("0123456789abcdef", "0123456789abcdefg"),
        NAME.replace("gha-", "ctu-"),
        "ctu-1-2-3-0123456789abcdef",
    ],
)
def test_lookalike_of_a_place_is_not_recognized(text: str) -> None:
    """A text that only resembles its names is none."""
    assert owner_of(text) is None
    assert not PLACE.generated(text)


@given(data=st.data(), place=PLACES, random=SEEDS, at_domain=st.sampled_from(["", "@example.com"]))
def test_name_with_a_changed_prefix_is_not_this_places(
    data: st.DataObject, place: Place, random: Random, at_domain: str
) -> None:
    """A prefix with one character replaced, inserted or removed names no place, or another one."""
    name = place.new_name(random) + at_domain
    at = data.draw(st.integers(0, len(place.prefix) - 1))
    character = data.draw(st.sampled_from("0123456789-ctu@. \n\uff11") | st.characters())
    removed = data.draw(st.integers(0, 1))
    mutated = name[:at] + character * data.draw(st.integers(0, 1)) + name[at + removed :]
    assume(mutated != name)

    assert owner_of(mutated) != place
