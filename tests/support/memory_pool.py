"""A user pool in memory, with strangers in it, that remembers who was deleted and who got a new password."""

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from hypothesis import strategies as st

from tests.support.examples import EMAIL, NAME, PHONE, POOL_ID, SIMULATED, TEXT
from tests.support.population import generated, lookalikes
from tests.support.scripted_aws import DONE, cognito_answer, cognito_refusal
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.http import Answer, Request

_NAME = "gha-([0-9]+)-([0-9]+)-[0-9]+-[0-9a-f]{16}"
_FORMS = [re.compile(form) for form in (_NAME, rf"{_NAME}@[a-z0-9.-]+", rf"success\+{_NAME}@simulator\.amazonses\.com")]
"""A name as the action generates it, and the two kinds of addresses, implemented independently of its code."""


@dataclass(frozen=True)
class Person:
    """A person in the pool; `username` is a UUID equal to `sub` if people sign in by email or phone."""

    username: str
    sub: str
    email: str = ""
    phone_number: str = ""
    email_verified: str = "true"
    """Empty for a person of whom Cognito does not say it."""
    status: str = "CONFIRMED"

    @property
    def names(self) -> list[str]:
        """The names by which Cognito knows the person."""
        return [name for name in (self.username, self.sub, self.email, self.phone_number) if name]

    def belongs_to(self, repository_id: str, run_id: str = "[0-9]+") -> bool:
        """Whether a run created the user, judging by the name, or by the address if Cognito assigned the name.

        Such an address counts unless it is unverified, has an owner to verify it, and belongs to a user who was
        confirmed: no person has a mailbox at the simulator, and someone unconfirmed can't sign in.
        """
        named = self.username
        if self.username == self.sub:
            proven = (
                self.email_verified != "false"
                or self.status == "UNCONFIRMED"
                or self.email.endswith("@simulator.amazonses.com")
            )
            named = self.email if proven else ""
        found = [form.fullmatch(named) for form in _FORMS]
        return any(one and one[1] == repository_id and re.fullmatch(run_id, one[2]) for one in found)


OWN = [
    Person(NAME, "99999999-8888-7777-6666-555555555551", EMAIL),
    Person(
        "99999999-8888-7777-6666-555555555552", "99999999-8888-7777-6666-555555555552", EMAIL.replace("0123", "4567")
    ),
    Person(
        "99999999-8888-7777-6666-555555555553",
        "99999999-8888-7777-6666-555555555553",
        SIMULATED.replace("0123", "89ab"),
        email_verified="",
        status="UNCONFIRMED",
    ),
    Person(SIMULATED, "99999999-8888-7777-6666-555555555554", SIMULATED, email_verified="false"),
]
"""Users of this run: in a pool of plain names, and in one where people sign in by address; and two who signed up."""

OTHERS = [
    *itertools.islice(lookalikes(), 17),
    *(
        generated("987654321"),
        generated(f"{REPOSITORY_ID}0"),
        generated(f"0{REPOSITORY_ID}"),
        generated(REPOSITORY_ID[1:]),
    ),
    *(generated(run_id=f"{RUN_ID}0"), generated(run_id=RUN_ID[:-1]), f"{NAME}\n", f"x{NAME}"),
]
OTHER_ADDRESSES = [
    *(f"{name}@example.com" for name in OTHERS),
    f"alice+{EMAIL}",
    f"{NAME}+tag@example.com",
    *(
        f"success+{name}@simulator.amazonses.com"
        for name in (generated("987654321"), generated(run_id=f"{RUN_ID}0"), *itertools.islice(lookalikes(), 17))
    ),
    f"success+{NAME}@example.com",
    f"success+{NAME}",
    f"success{NAME}@simulator.amazonses.com",
    f"success+success+{NAME}@simulator.amazonses.com",
    f"success+alice+{NAME}@simulator.amazonses.com",
    f"Success+{NAME}@simulator.amazonses.com",
    f"bounce+{NAME}@simulator.amazonses.com",
    f"complaint+{NAME}@simulator.amazonses.com",
    f"success+{NAME}@simulator.amazonses.com.example.com",
    f"success+{NAME}@mail.simulator.amazonses.com",
    f"success+{NAME}@simulator-amazonses.com",
    f"success+{NAME}@SIMULATOR.amazonses.com",
    f"success+{NAME}@simulator.amazonses.com\n",
    f"success+{NAME}+tag@simulator.amazonses.com",
]
"""Addresses of others, and those that only resemble ours: each breaks one rule of the two forms."""
IDS = st.uuids().map(str)


def strangers(*extra: st.SearchStrategy[Person]) -> st.SearchStrategy[list[Person]]:
    """People of all kinds, none of them this run's, each with their own id."""
    known = (
        st.sampled_from(["", "ada@example.com", *OTHER_ADDRESSES]),
        st.sampled_from(["", PHONE]),
        st.sampled_from(["true", "false", ""]),
        st.sampled_from(["CONFIRMED", "UNCONFIRMED"]),
    )
    typed = st.builds(Person, st.sampled_from([*OTHERS, *OTHER_ADDRESSES]) | TEXT.filter(str.strip), IDS, *known)
    named_by_cognito = st.builds(lambda sub, *known: Person(sub, sub, *known), IDS, *known)
    return st.lists(st.one_of(typed, named_by_cognito, *extra), max_size=6, unique_by=lambda person: person.sub)


@dataclass
class Pool:
    """Cognito on loopback, with one pool."""

    url: str = ""
    people: list[Person] = field(default_factory=list)
    deleted: list[Person] = field(default_factory=list)
    changed: list[Person] = field(default_factory=list)
    """Those who got a new password."""
    lists_all: bool = False
    """Whether a list has everyone in it, whatever was asked for."""

    def reset(self, people: Sequence[Person], *, lists_all: bool = False) -> None:
        """Refill the pool."""
        self.people, self.deleted, self.changed, self.lists_all = list(people), [], [], lists_all

    def respond(self, request: Request) -> Answer:
        operation, parameters = request.headers["X-Amz-Target"].rpartition(".")[2], json.loads(request.body)
        if parameters["UserPoolId"] != POOL_ID:
            return cognito_refusal("ResourceNotFoundException", "no such pool")
        if operation == "ListUsers":
            return cognito_answer({"Users": [_listed(one) for one in self.people if self._matches(one, parameters)]})
        found = [one for one in self.people if parameters["Username"] in one.names]
        if not found:
            return cognito_refusal("UserNotFoundException", "User does not exist.")
        if operation == "AdminDeleteUser":
            self.people.remove(found[0])
            self.deleted.append(found[0])
        else:
            self.changed.append(found[0])
        return DONE

    def _matches(self, person: Person, parameters: dict[str, str]) -> bool:
        name, operator, text = parameters["Filter"].replace('"', "").split(" ", 2)
        value = str(asdict(person)[name])
        return self.lists_all or value == text or (operator == "^=" and value.startswith(text))


def _listed(person: Person) -> dict[str, object]:
    attributes = {name: text for name, text in asdict(person).items() if text and name not in ("username", "status")}
    listed = [{"Name": name, "Value": text} for name, text in attributes.items()]
    return {
        "Username": person.username,
        "Attributes": listed,
        "UserCreateDate": 1.7e9,
        "UserStatus": person.status,
    }
