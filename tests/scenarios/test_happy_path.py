"""The promise: a user who can sign in, handed over masked, gone when the job ends."""

import pytest

from tests.conftest import MAIN_CALLS, POST_CALLS, World


@pytest.mark.parametrize("kind", ["plain", "email"])
def test_user_signs_in_between_main_and_post_and_is_gone_after(world: World, kind: str) -> None:
    """Main takes four requests, post three, and the user lives between the two."""
    pool = world.pool(kind)
    job = world.job()
    inputs = world.inputs(pool)

    main = job.main(inputs)

    assert (main.exit_code, main.stderr, main.annotations) == (0, "", [])
    assert world.aws.calls == MAIN_CALLS
    assert world.sign_in(pool, main)["AccessToken"]

    world.aws.calls.clear()
    post = job.post(inputs)

    assert (post.exit_code, post.stderr, post.annotations) == (0, "", [])
    assert world.aws.calls == POST_CALLS
    assert world.account.users(pool) == []
