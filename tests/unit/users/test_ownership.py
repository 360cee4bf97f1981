"""Whose user it is: ours are recognized, and no name that a person could have is mistaken for ours."""

import itertools
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.aws.users import ListedUser
from cognito_action.errors import ActionError
from cognito_action.naming import Origin, Place, Run
from cognito_action.users.ownership import creator_of, known_run, require_own
from tests.support.examples import ANY_TEXT, EMAIL, NAME, RUN_ENVIRON, SUB
from tests.support.population import lookalikes

RUN = Run("123456789", "9876543210", "1")

UUID = "abcdef99-8888-7777-6666-555555555555"


SIMULATED = f"success+{NAME}@simulator.amazonses.com"
"""The address of a user who signed up: no person can have a mailbox there."""


LOOKALIKES = list(itertools.islice(lookalikes(), 17))


def listed(
    username: str, sub: str = SUB, email: str = "", *, unverified: bool = False, unconfirmed: bool = False
) -> ListedUser:
    return ListedUser(username, sub, email, unverified, unconfirmed, datetime(2026, 1, 1, tzinfo=UTC))


# What a name, a list or a person can contain, close to ours and far from it

PIECES = st.sampled_from(
    [
        *(
            "gha",
            "GHA",
            "-",
            "--",
            "_",
            "@",
            "+",
            ".",
            "123456789",
            "1234567890",
            "0123456789",
            "12345678",
            "987654321",
        ),
        *("9876543210", "1", "2", "0123456789abcdef", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0"),
        *("success+", "success", "SUCCESS+", "bounce+", "simulator.amazonses.com", "mail.simulator.amazonses.com"),
        *("example.com", "EXAMPLE.com", "\n", " ", "\u0661", "\uff11", "\u212a", "alice", SUB, UUID),
    ]
)
NEAR = st.lists(PIECES, max_size=12).map("".join)
OURS = st.from_regex(r"gha-123456789-[0-9]{1,12}-[0-9]{1,3}-[0-9a-f]{16}", fullmatch=True)
ADDRESSES = OURS.map(lambda name: f"{name}@example.com")
SIMULATED_ADDRESSES = OURS.map(lambda name: f"success+{name}@simulator.amazonses.com")
TEXTS = NEAR | ANY_TEXT | OURS | ADDRESSES | SIMULATED_ADDRESSES | st.sampled_from([SUB, UUID, NAME, EMAIL])


def has_our_form(text: str) -> bool:
    """Whether `text` is a name of this repository, checked independently of the code."""
    if text.startswith("success+"):
        inner = text[len("success+") :]
        return inner.endswith("@simulator.amazonses.com") and has_our_form(inner)
    name, at, domain = text.partition("@")
    parts = name.split("-")
    if at and not (domain and set(domain) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")):
        return False
    return (
        len(parts) == 5
        and parts[:2] == ["gha", "123456789"]
        and 0 < len(parts[2]) <= 14
        and 0 < len(parts[3]) <= 6
        and set(parts[2] + parts[3]) <= set("0123456789")
        and len(parts[4]) == 16
        and set(parts[4]) <= set("0123456789abcdef")
    )


# Names that are given


@pytest.mark.parametrize("name", [NAME, EMAIL, NAME.replace("-1-", "-2-"), f"{NAME}@other.example", SIMULATED])
def test_name_of_this_run_is_accepted(name: str) -> None:
    """With or without a domain, and from any attempt: a new attempt takes over what earlier jobs left."""
    require_own([name, name], RUN)


def test_no_name_at_all_is_not_a_stranger() -> None:
    """There is no one to refuse."""
    require_own([], RUN)


@pytest.mark.parametrize("name", [*LOOKALIKES, "", "alice", SUB])
def test_stranger_is_refused_among_valid_names(name: str) -> None:
    """One is enough, and the error names it."""
    with pytest.raises(ActionError) as caught:
        require_own([NAME, name, EMAIL], RUN)

    assert caught.value.what.split("\n")[1].startswith(f"- {name}: ")
    assert len(caught.value.what.split("\n")) == 2


@given(TEXTS)
def test_name_is_accepted_only_in_the_form_of_this_run(name: str) -> None:
    """Whatever the text, what passes is ours according to an independent check, and from this run."""
    try:
        require_own([name], RUN)
        accepted = True
    except ActionError:
        accepted = False

    assert accepted == (has_our_form(name) and f"-{RUN.run_id}-" in name)


def test_many_strangers_are_counted() -> None:
    """An annotation lists ten of them, whatever their names are."""
    with pytest.raises(ActionError) as caught:
        require_own(["x" * 500] * 25, RUN)

    lines = caught.value.what.split("\n")
    assert len(lines) == 12
    assert lines[-1] == "- and 15 more"
    assert all(len(line) < 200 for line in lines)


# Users who are listed


def test_user_with_a_generated_name_is_ours() -> None:
    """The name is proof enough, whatever happened to the address; any run and attempt of the repository counts."""
    assert creator_of(listed(NAME, email="changed@example.org"), RUN) == RUN
    assert creator_of(listed(EMAIL), RUN) == RUN
    assert creator_of(listed(NAME, email=EMAIL, unverified=True), RUN) == RUN


def test_user_with_a_uuid_is_ours_by_the_address() -> None:
    """If people sign in by email or phone number, the name is Cognito's own and equal to the `sub`."""
    assert creator_of(listed(SUB, SUB, EMAIL), RUN) == RUN


@pytest.mark.parametrize(
    "user",
    [
        listed("alice", SUB, EMAIL),  # a person whose address happens to look like ours
        listed(UUID, SUB, EMAIL),  # a name that someone chose to look like a UUID
        listed(UUID.upper(), UUID.upper(), EMAIL),
        listed(f"{SUB}\n", f"{SUB}\n", EMAIL),
        listed("", "", EMAIL),
        listed(SUB, SUB, NAME),  # no address at all
        listed(SUB, SUB, ""),
        listed(SUB, SUB, f"{NAME}+tag@example.com"),
        listed(SUB, SUB, f"x{EMAIL}"),
        listed(SUB, SUB, EMAIL.upper()),
        listed(f"Google_{NAME}", SUB, EMAIL),
        listed(SUB, SUB, EMAIL, unverified=True),  # someone who signed up by phone and typed an address
        *(listed(name, SUB, EMAIL) for name in LOOKALIKES),
        *(listed(SUB, SUB, f"{name}@example.com") for name in LOOKALIKES),
        listed("alice", SUB, SIMULATED),
        listed("alice", SUB, SIMULATED, unconfirmed=True),
        listed("alice", SUB, EMAIL, unverified=True, unconfirmed=True),
        listed(UUID, SUB, SIMULATED, unconfirmed=True),
        listed(SUB, SUB, NAME, unconfirmed=True),
        listed(SUB, SUB, f"success+{EMAIL}", unconfirmed=True),
        listed(SUB, SUB, SIMULATED.upper(), unconfirmed=True),
        listed(SUB, SUB, f"{SIMULATED}.example.com", unconfirmed=True),
        listed(SUB, SUB, SIMULATED.replace("@", "@mail."), unconfirmed=True),
        listed(SUB, SUB, "success@simulator.amazonses.com", unconfirmed=True),
        *(listed(SUB, SUB, f"success+{name}@simulator.amazonses.com", unconfirmed=True) for name in LOOKALIKES),
    ],
)
def test_person_is_a_stranger(user: ListedUser) -> None:
    """Neither a part of a name nor the address of someone who has a name decides anything."""
    assert creator_of(user, RUN) is None


@pytest.mark.parametrize("repository_id", ["987654321", "1234567890", "12345678", "0123456789", "0", ""])
@pytest.mark.parametrize(
    "user",
    [
        listed(NAME),
        listed(EMAIL),
        listed(SIMULATED),
        listed(SUB, SUB, EMAIL),
        listed(SUB, SUB, SIMULATED),
        listed(SUB, SUB, EMAIL, unverified=True, unconfirmed=True),
        listed(SUB, SUB, SIMULATED, unverified=True, unconfirmed=True),
    ],
)
def test_user_of_another_repository_is_a_stranger(user: ListedUser, repository_id: str) -> None:
    """The whole id counts, not what it starts or ends with."""
    assert creator_of(user, Run(repository_id, "9876543210", "1")) is None


@pytest.mark.parametrize(
    ("email", "unverified", "unconfirmed", "ours"),
    [
        (EMAIL, False, False, True),  # the action has verified it
        (EMAIL, False, True, True),
        (EMAIL, True, True, True),  # a sign-up that ended half-way, or a form that nobody confirmed
        (EMAIL, True, False, False),  # someone who signed up by phone and typed an address
        (SIMULATED, False, False, True),
        (SIMULATED, False, True, True),
        (SIMULATED, True, True, True),
        (SIMULATED, True, False, True),  # a form that was confirmed without its code
    ],
)
def test_address_is_proof_by_what_the_list_says_of_it(
    email: str, *, unverified: bool, unconfirmed: bool, ours: bool
) -> None:
    """One case is left to people: an address that none of ours can have like that, and that a person can type."""
    user = listed(SUB, SUB, email, unverified=unverified, unconfirmed=unconfirmed)

    assert creator_of(user, RUN) == (RUN if ours else None)


@pytest.mark.parametrize("unverified", [True, False])
@pytest.mark.parametrize("unconfirmed", [True, False])
@pytest.mark.parametrize("name", [NAME, EMAIL, SIMULATED])
def test_generated_name_is_proof_whatever_the_list_says(name: str, *, unverified: bool, unconfirmed: bool) -> None:
    """A form can also sign people up by a plain name, or by an address in a pool of plain names."""
    user = listed(name, SUB, "ada@example.com", unverified=unverified, unconfirmed=unconfirmed)

    assert creator_of(user, RUN) == RUN


@given(username=TEXTS, sub=TEXTS, email=TEXTS, unverified=st.booleans(), unconfirmed=st.booleans())
def test_listed_user_is_ours_only_by_name_or_by_uuid_and_address(
    username: str, sub: str, email: str, *, unverified: bool, unconfirmed: bool
) -> None:
    """Whatever a list contains, a user counts as ours exactly when an independent check of the rule says so."""
    by_address = (
        username == sub
        and username in (SUB, UUID)
        and "@" in email
        and has_our_form(email)
        and (not unverified or unconfirmed or email.endswith("@simulator.amazonses.com"))
    )
    user = listed(username, sub, email, unverified=unverified, unconfirmed=unconfirmed)

    assert (creator_of(user, RUN) is not None) == (has_our_form(username) or by_address)


@given(TEXTS)
def test_every_uuid_needs_an_address_of_ours(email: str) -> None:
    """The same holds if the name is certainly Cognito's own."""
    assert (creator_of(listed(SUB, SUB, email), RUN) is not None) == ("@" in email and has_our_form(email))


# The run itself


def test_run_is_read_from_the_runners_variables() -> None:
    """On GitHub, both ids are set."""
    assert known_run(RUN_ENVIRON) == RUN


@pytest.mark.parametrize("name", ["GITHUB_REPOSITORY_ID", "GITHUB_RUN_ID"])
@pytest.mark.parametrize("value", [None, "", "0", "x", "-1"])
def test_nothing_is_decided_without_the_ids(name: str, value: str | None) -> None:
    """A zero stands for an unknown id, and would match every other unknown id."""
    environ = {key: text for key, text in {**RUN_ENVIRON, name: value}.items() if text is not None}

    with pytest.raises(ActionError) as caught:
        known_run(environ)

    assert name in caught.value.what
    assert caught.value.paste == "act --env GITHUB_REPOSITORY_ID=123456789"


# Places

PLACE = Place("0123456789abcdef", "20261124120005")
PLACE_NAME = "ctu-0123456789abcdef-20260101000000-fedcba9876543210"
PLACE_SIMULATED = f"success+{PLACE_NAME}@simulator.amazonses.com"
OTHER_PLACE = Place("fedcba9876543210", "20261124120005")


@pytest.mark.parametrize("name", [PLACE_NAME, f"{PLACE_NAME}@example.com", PLACE_SIMULATED])
def test_name_of_this_place_is_accepted(name: str) -> None:
    """From any time: a later run takes over what an earlier one has left."""
    require_own([name, PLACE.new_name(random.Random(1))], PLACE)


@pytest.mark.parametrize("origin", [OTHER_PLACE, RUN])
def test_name_of_a_place_is_a_strangers_elsewhere(origin: Origin) -> None:
    """At another place, and in GitHub; a run's is one at any place."""
    for names, asked in (([PLACE_NAME], origin), ([NAME], PLACE), ([PLACE_NAME, NAME], PLACE)):
        with pytest.raises(ActionError) as caught:
            require_own(names, asked)
        assert names[-1] in caught.value.what


@pytest.mark.parametrize("name", [*(name.replace("gha-", "ctu-") for name in LOOKALIKES), "", "alice", SUB])
def test_stranger_is_refused_at_a_place(name: str) -> None:
    """Whoever has a name of their own."""
    with pytest.raises(ActionError):
        require_own([PLACE_NAME, name], PLACE)


@pytest.mark.parametrize(
    "user",
    [
        listed(PLACE_NAME),
        listed(f"{PLACE_NAME}@example.com"),
        listed(SUB, SUB, f"{PLACE_NAME}@example.com"),
        listed(SUB, SUB, PLACE_SIMULATED, unverified=True),
        listed(SUB, SUB, f"{PLACE_NAME}@example.com", unverified=True, unconfirmed=True),
    ],
)
def test_user_of_a_place_is_swept_there_alone(user: ListedUser) -> None:
    """And what the list tells of the address counts as ever."""
    assert creator_of(user, PLACE) == Place("0123456789abcdef", "20260101000000")
    assert creator_of(user, OTHER_PLACE) is None
    assert creator_of(user, RUN) is None


@pytest.mark.parametrize(
    "user",
    [
        listed(NAME),
        listed(SUB, SUB, EMAIL),
        listed("alice", SUB, f"{PLACE_NAME}@example.com"),
        listed(UUID, SUB, f"{PLACE_NAME}@example.com"),
        listed(SUB, SUB, f"{PLACE_NAME}@example.com", unverified=True),
        listed(SUB, SUB, PLACE_NAME),
    ],
)
def test_person_and_run_are_strangers_at_a_place(user: ListedUser) -> None:
    """Neither is deleted by its sweep."""
    assert creator_of(user, PLACE) is None


@given(username=TEXTS | st.just(PLACE_NAME), sub=TEXTS, email=TEXTS | st.just(PLACE_SIMULATED))
def test_no_user_is_swept_by_two(username: str, sub: str, email: str) -> None:
    """Each belongs to one place, or one repository, or to nobody of ours."""
    user = listed(username, sub, email)
    owners = [origin for origin in (PLACE, OTHER_PLACE, RUN) if creator_of(user, origin)]

    assert len(owners) <= 1
