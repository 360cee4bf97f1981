"""Tests that fill in an app's sign-up form with what main made for them, and people who look like their users."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.population import generated
from tests.support.sign_up import PHONE, fill_in_form, verify_email
from tests.support.world import World
from tools.emulator.github import RUN_ID
from tools.emulator.job import Job, Stage

ANOTHER_REPOSITORY = "987654321"


@dataclass(frozen=True)
class Form:
    """How a test signs up: by what, and what the app does about the address."""

    kind: str
    by: str
    verified: bool = False
    """Whether a trigger, or a step, has verified the address."""
    more: str = ""
    """Another name by which a second user signs up."""

    def __str__(self) -> str:
        return f"{self.kind}, {self.by}{f' and {self.more}' if self.more else ''}{', verified' * self.verified}"


FORMS = [
    Form("plain", "username"),
    Form("plain", "email"),
    Form("plain", "username", more="email"),
    Form("email", "email"),
    Form("email", "email", verified=True),
    Form("email or phone", "email"),
    Form("email or phone", "number"),
    Form("email alias", "username"),
    Form("email alias", "made-up", verified=True),
    Form("phone", "number"),
    Form("phone alias", "username"),
    Form("phone alias", "email"),
]


def step_for_form(world: World, kind: str, **inputs: str) -> tuple[str, Job, Stage]:
    """Run main for one user whom nobody creates, with the least role; return the pool as well."""
    pool = world.pool(kind)
    phone = "phone" in kind
    role = world.role(pool, ["AdminDeleteUser", *["ListUsers"] * phone])
    job = world.job()
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    main = job.main(
        {
            "user-pool-id": pool,
            "role-to-assume": role,
            "users": "visitor: {create: false}",
            "phone-number": PHONE if phone else "",
            **given,
        }
    )
    assert (main.exit_code, main.annotations) == (0, []), main.log
    return pool, job, main


def sign_up_by(world: World, pool: str, form: Form, outputs: Mapping[str, str], *, confirmed: bool) -> list[str]:
    """Fill in the form with the outputs, and return who came to be."""
    typed = {**outputs, "number": PHONE, "made-up": "chosen-by-the-app"}
    users = []
    for by in filter(None, (form.by, form.more)):
        user = fill_in_form(world, pool, typed[by], outputs["password"], confirmed=confirmed, email=outputs["email"])
        if form.verified:
            verify_email(world, pool, user)
        users.append(user)
    return users


def strangers(world: World, pool: str, kind: str, outputs: Mapping[str, str]) -> list[str]:
    """People who look like the user: by name, by address, and of other runs and repositories."""
    name, email = outputs["username"], outputs["email"]
    addresses = [
        f"x{email}",
        email.replace("success+", "success+x"),
        email.replace("success+", "bounce+"),
        f"{name}@example.com",
        f"{name[:-1]}@simulator.amazonses.com",
        f"success+{generated(run_id=RUN_ID)}@simulator.amazonses.com",
        f"success+{generated(ANOTHER_REPOSITORY)}@simulator.amazonses.com",
    ]
    names = [f"{name}0", name[:-1], f"x{name}", generated(run_id=RUN_ID), generated(ANOTHER_REPOSITORY)]
    if kind == "phone":
        numbers = [f"+1555555{number}" for number in range(1000, 1000 + len(addresses))]
        return [
            fill_in_form(world, pool, number, confirmed=True, email=address)
            for number, address in zip(numbers, addresses, strict=True)
        ]
    if "email" in kind and "alias" not in kind:
        return [fill_in_form(world, pool, address, confirmed=True, email=address) for address in addresses]
    people = [*names, *(f"person-{number}" for number, _ in enumerate(addresses))]
    theirs = ["someone@example.org"] * len(names) + addresses
    return [
        fill_in_form(world, pool, person, confirmed=True, email=address)
        for person, address in zip(people, theirs, strict=True)
    ]
