"""Users with `create: false` whom post does not delete: a later job does, or the sweep."""

import time

import pytest

from tests.support.population import generated
from tests.support.sign_up import fill_in_form, no_address, verify_email
from tests.support.sign_up_form import ANOTHER_REPOSITORY, FORMS, Form, sign_up_by, step_for_form, strangers
from tests.support.world import World

NUMBER = "+15555550199"
SWEEP = ("ListUsers", "AdminDeleteUser")


@pytest.mark.parametrize("form", [form for form in FORMS if form.by in ("username", "email")], ids=str)
def test_delete_by_the_outputs(world: World, form: Form) -> None:
    """A later job names what may be the user's name, and what may be its address; one that no one has does no harm."""
    pool, _, main = step_for_form(world, form.kind, mask_username="false", cleanup="false")
    others = strangers(world, pool, form.kind, main.outputs)
    sign_up_by(world, pool, form, main.outputs, confirmed=False)
    role = world.role(pool, ["AdminDeleteUser"])
    names = f"{main.outputs['username']}\n{main.outputs['email']}"

    stage = world.run("delete", {"user-pool-id": pool, "role-to-assume": role, "username": names})

    assert (stage.exit_code, stage.stderr) == (0, ""), stage.log
    assert sorted(world.account.users(pool)) == sorted(others)


@pytest.mark.parametrize(
    "confirmed", [pytest.param(True, marks=pytest.mark.soak), False], ids=["confirmed", "unconfirmed"]
)
@pytest.mark.parametrize("form", [form for form in FORMS if form.by != "made-up"], ids=str)
def test_sweep_deletes_who_signed_up(world: World, form: Form, *, confirmed: bool) -> None:
    """Post never ran; in pools with names of their own, sweep goes by the name."""
    pool, _, main = step_for_form(world, form.kind)
    sign_up_by(world, pool, form, main.outputs, confirmed=confirmed)
    name = generated(ANOTHER_REPOSITORY)
    address = f"success+{name}@simulator.amazonses.com"
    other = fill_in_form(world, pool, NUMBER if form.kind == "phone" else address, email=address)
    time.sleep(1.1)

    stage = world.run("sweep", {"user-pool-id": pool, "role-to-assume": world.role(pool, SWEEP), "older-than": "1s"})

    found = "2" if form.more else "1"
    assert (stage.exit_code, stage.outputs) == (0, {"found": found, "deleted": found}), stage.log
    assert world.account.users(pool) == [other]


def test_sweep_leaves_a_name_that_an_app_made_up(world: World) -> None:
    """It has a name of its own, and so it could be a person."""
    pool, _, main = step_for_form(world, "email alias")
    world.aws.on("SignUp", no_address)
    user = fill_in_form(world, pool, "chosen-by-the-app", confirmed=True, email=main.outputs["email"])
    verify_email(world, pool, user)
    time.sleep(1.1)

    stage = world.run("sweep", {"user-pool-id": pool, "role-to-assume": world.role(pool, SWEEP), "older-than": "1s"})

    assert (stage.exit_code, stage.outputs) == (0, {"found": "0", "deleted": "0"}), stage.log
    assert world.account.users(pool) == [user]
