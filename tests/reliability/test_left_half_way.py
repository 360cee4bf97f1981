"""Sign-ups that ended half-way: unconfirmed users, and those whose address nobody verified, are deleted all the same."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event

import pytest

from tests.support.population import generated, lookalikes
from tests.support.sign_up import (
    PASSWORD,
    PERMISSIONS,
    PHONE,
    fill_in_form,
    no_address,
    sign_up_inputs,
    status_of,
    verify_email,
)
from tests.support.world import World
from tools.emulator.github import REPOSITORY_ID
from tools.emulator.job import Job, Stage
from tools.emulator.proxy import Call, Rule, forwarding

SWEEP = ("ListUsers", "AdminDeleteUser")
KINDS = ["plain", "email", "email alias", "phone"]
DOMAINS = ["example.com", "other.test"]

FIRST_OFFER: Mapping[str, Sequence[Rule]] = {"email alias": [no_address], "phone": [forwarding]}
"""What happens to the first sign-up in pools that do not take the first offer."""


@dataclass(frozen=True)
class Moment:
    """When main dies: at this call, before it arrives or before its answer does."""

    operation: str
    after: bool
    status: str
    """Of the user then."""

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.operation}"


MOMENTS = [
    Moment("SignUp", after=True, status="UNCONFIRMED"),
    Moment("AdminConfirmSignUp", after=False, status="UNCONFIRMED"),
    Moment("AdminConfirmSignUp", after=True, status="CONFIRMED"),
    Moment("AdminUpdateUserAttributes", after=False, status="CONFIRMED"),
]


class Stop:
    """A rule that holds a call, carried out or not, and never answers it."""

    def __init__(self, *, after: bool) -> None:
        self._after = after
        self.reached = Event()
        self.over = Event()

    def __call__(self, call: Call) -> None:
        if self._after:
            call.forward()
        self.reached.set()
        self.over.wait(60)


def killed(world: World, job: Job, inputs: Mapping[str, str], kind: str, moment: Moment) -> Stage:
    """Run main until that moment."""
    stop = Stop(after=moment.after)
    world.aws.on("SignUp", *FIRST_OFFER.get(kind, []))
    world.aws.on(moment.operation, stop)
    running = job.start("main", inputs)
    assert stop.reached.wait(30)
    running.process.kill()
    main = running.finish()
    stop.over.set()
    return main


def sweep(world: World, pool: str, **inputs: str) -> Stage:
    """Sweep what is older than a second."""
    time.sleep(1.1)
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    role = world.role(pool, SWEEP)
    stage = world.run("sweep", {"user-pool-id": pool, "role-to-assume": role, "older-than": "1s", **given})
    assert (stage.exit_code, stage.stderr, stage.annotations) == (0, "", []), stage.log
    return stage


def deaths() -> list[object]:
    """Each kind of pool with both domains; other moments only with `--soak`, but for one kind."""
    return [
        pytest.param(
            kind,
            moment,
            domain,
            id=f"{kind}-{moment}-{domain}",
            marks=[] if moment is MOMENTS[0] or (kind, domain) == ("email", DOMAINS[0]) else [pytest.mark.soak],
        )
        for kind in KINDS
        for moment in MOMENTS
        for domain in DOMAINS
    ]


@pytest.mark.parametrize(("kind", "moment", "domain"), deaths())
def test_main_dies(world: World, kind: str, moment: Moment, domain: str) -> None:
    """It has set no output, so no one can adopt the user; sweep would find the user, and post deletes it."""
    pool = world.pool(kind)
    phone = kind == "phone"
    inputs = sign_up_inputs(
        world, pool, *["ListUsers"] * phone, phone_number=PHONE if phone else "", email_domain=domain
    )
    job = world.job()

    main = killed(world, job, inputs, kind, moment)

    assert main.outputs == {}
    [user] = world.account.users(pool)
    assert status_of(world, pool, user) == moment.status
    verify_email(world, pool, user, "false")
    # Confirmed, with an address that anyone may have given: nothing tells such a user from a person.
    could_be_a_person = kind in ("email", "phone") and (moment.status, domain) == ("CONFIRMED", "other.test")
    assert sweep(world, pool, dry_run="true").outputs["found"] == ("0" if could_be_a_person else "1")
    post = job.post()
    assert (post.exit_code, post.stderr, post.annotations) == (0, "", []), post.log
    assert world.account.users(pool) == []


def addresses(name: str) -> list[str]:
    """The two forms of an address of ours."""
    return [f"{name}@other.test", f"success+{name}@simulator.amazonses.com"]


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_sweep_where_names_are_uuids(world: World, kind: str) -> None:
    """Unconfirmed users with our address are taken, and confirmed ones at the mailbox simulator; no one else is."""
    pool = world.pool(kind)
    numbers = iter(range(1000, 9999))

    def add(address: str, *, confirmed: bool = False) -> str:
        name = f"+1555555{next(numbers)}" if kind == "phone" else address
        return fill_in_form(world, pool, name, PASSWORD, confirmed=confirmed, email=address)

    for address in addresses(generated()):
        add(address)
    add(addresses(generated())[1], confirmed=True)
    people = [add(addresses(generated())[0], confirmed=True)]
    for other in ("987654321", f"{REPOSITORY_ID}0", REPOSITORY_ID[:-1]):
        for confirmed in (True, False):
            people += [add(address, confirmed=confirmed) for address in addresses(generated(other))]
    for name, _ in zip(lookalikes(), range(17), strict=False):
        if name.isascii():
            people += [add(address) for address in addresses(name)]
    people += [
        add(f"x{addresses(generated())[1]}"),
        add(f"success+{generated()}@example.com"),
        add(f"success+{generated()}@simulator.amazonses.com.example.org"),
        add(f"bounce+{generated()}@simulator.amazonses.com"),
        add(f"alice+{generated()}@example.com"),
    ]

    stage = sweep(world, pool)

    assert stage.outputs == {"found": "3", "deleted": "3"}
    assert sorted(world.account.users(pool)) == sorted(people)


@pytest.mark.parametrize("kind", ["plain", "email alias"])
@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "unconfirmed"])
def test_sweep_where_names_are_chosen(world: World, kind: str, *, confirmed: bool) -> None:
    """Only the name counts: a person may have an address of ours, and a name of ours any address."""
    pool = world.pool(kind)

    def add(name: str, address: str) -> str:
        return fill_in_form(world, pool, name, confirmed=confirmed, email=address)

    names = [generated(), *(addresses(generated()) if kind == "plain" else [generated()])]
    for name in names:
        add(name, name if "@" in name else "someone@example.org")
    people = [add(f"person-{number}", address) for number, address in enumerate(addresses(generated()))]
    people += [add(generated("987654321"), address) for address in addresses(generated())]

    stage = sweep(world, pool)

    assert stage.outputs == {"found": str(len(names)), "deleted": str(len(names))}
    assert sorted(world.account.users(pool)) == sorted(people)


def test_sweep_takes_a_form_that_was_never_completed(world: World) -> None:
    """The step expected a user, who signed up and was never confirmed, and the runner was lost before post."""
    pool = world.pool("email")
    inputs = {**sign_up_inputs(world, pool), "users": "visitor: {create: false}"}
    main = world.job().main({**inputs, "role-to-assume": world.role(pool, PERMISSIONS)})
    fill_in_form(world, pool, main.outputs["email"], email=main.outputs["email"])

    assert sweep(world, pool).outputs == {"found": "1", "deleted": "1"}

    assert world.account.users(pool) == []
