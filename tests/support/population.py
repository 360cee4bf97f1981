"""A pool of 500 users: ours, old and young, another repository's, and strangers who look like ours."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from tests.support.world import World
from tools.emulator.github import REPOSITORY_ID, RUN_ID
from tools.emulator.http import Answer
from tools.emulator.proxy import Call

RANDOM = Random(1)


def generated(repository_id: str = REPOSITORY_ID, run_id: str = "555000111", attempt: int = 1) -> str:
    """A name as the action generates it, implemented independently of its code."""
    return f"gha-{repository_id}-{run_id}-{attempt}-{RANDOM.getrandbits(64):016x}"


def lookalikes() -> Iterator[str]:
    """Names of people and bots that resemble ours: each breaks one rule of the format, or belongs to someone else."""
    while True:
        name = generated()
        front, _, tail = name.rpartition("-")
        yield from (
            name[:-1],  # one digit too few
            f"{name}0",  # one too many
            f"{front}-{tail[:15]}g",  # not hexadecimal
            f"{front}-{tail[:15]}A",  # upper case
            f"x{name}",
            f"{name}-admin",
            f"{name}.old",
            name.replace("gha-", "Gha-"),
            name.replace("gha-", "gha_"),
            name.replace("gha-", "gha--"),
            name.replace("-1-", "-x-"),
            name.replace("-1-", "-"),
            name.replace("-1-", "-1-1-"),
            name.replace("-555000111-", "--"),
            name.replace("-555000111-", "-\uff15\uff15\uff15-"),  # digits, but not ASCII
            f"gha-{REPOSITORY_ID}-bot-{tail}",
            f"gha-{REPOSITORY_ID}-{tail}",
        )


@dataclass
class Population:
    """Who is in the pool, by the names that Cognito assigned or accepted."""

    pool: str
    ours_old: list[str] = field(default_factory=list)
    """Oldest first."""
    ours_young: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Another repository's users, and strangers."""
    offered: list[str] = field(default_factory=list)
    """The names that strangers and other repositories' users were created with."""
    ages: dict[str, float] = field(default_factory=dict)
    """Age in days, by username."""

    @property
    def everybody(self) -> list[str]:
        return [*self.ours_old, *self.ours_young, *self.others]

    def age(self, call: Call) -> Answer:
        """A rule for `ListUsers`: the emulator created everyone just now, so this sets dates that match `ages`."""
        answer = call.forward()
        content = json.loads(answer.body)
        for user in content.get("Users", []):
            user["UserCreateDate"] -= self.ages[user["Username"]] * 86_400
        return replace(answer, body=json.dumps(content).encode())


class _Crowd:
    """Creates users as an administrator can, with any name and any address."""

    def __init__(self, world: World, kind: str) -> None:
        self.people = Population(world.pool(kind))
        self._cognito = world.account.cognito
        self._by_email = kind == "email"

    def create(self, name: str, email: str, days: float) -> str:
        username = f"{name}@example.com" if self._by_email and "@" not in name else name
        user = self._cognito.admin_create_user(
            UserPoolId=self.people.pool,
            Username=username,
            UserAttributes=[{"Name": "email", "Value": username if self._by_email else email}],
            TemporaryPassword="Temporary-1",
            MessageAction="SUPPRESS",
        )["User"]["Username"]
        self.people.ages[user] = days
        return user

    def ours(self, run_id: str, attempt: int, days: float) -> str:
        name = generated(run_id=run_id, attempt=attempt)
        return self.create(name, f"{name}@example.com", days)

    def stranger(self, name: str, email: str = "someone@example.com") -> None:
        self.people.others.append(self.create(name, email, 30))
        self.people.offered.append(name)

    def people_with_our_addresses(self) -> None:
        """People whose addresses contain one of our names: with their own usernames, or with more in the address."""
        if self._by_email:
            for _ in range(5):
                self.stranger(f"{generated()}+tag@example.com")
                self.stranger(f"alice+{generated()}@example.com")
        else:
            for name in ("alice", "bob", "11111111-2222-3333-4444-555555555555"):
                self.stranger(name, f"{generated()}@example.com")


def populate(world: World, kind: str, *, old: int = 120, young: int = 5, size: int = 500) -> Population:
    """Create a pool of that kind, plain or email, with `size` users."""
    crowd = _Crowd(world, kind)
    people = crowd.people
    for number in range(old):  # not in order of age
        people.ours_old.append(crowd.ours(str(1000 + number), 1 + number % 3, 2 + (number * 7 % old) / 100))
    people.ours_old.sort(key=lambda user: -people.ages[user])
    for number in range(young):
        people.ours_young.append(crowd.ours(RUN_ID, 1, number / 10))
    for repository_id in ("987654321", f"{REPOSITORY_ID}0", REPOSITORY_ID[:-1], f"0{REPOSITORY_ID}"):
        for _ in range(5):
            crowd.stranger(generated(repository_id))
    crowd.people_with_our_addresses()
    for name in itertools.islice(lookalikes(), size - len(people.everybody)):
        crowd.stranger(name)
    return people
