"""Users whose creation was never answered: they may come to be while post is looking for them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cognito_action.retry import Retry
from cognito_action.users.records import Entry

LATEST_EFFECT = 20
"""Seconds after a creating call was sent in which it may take effect without an answer: Cognito waits up to three times
5 s for a pre sign-up trigger."""

FIRST_PAUSE = 1.0
"""Seconds before the second look; each pause is twice the one before."""

RESERVE = 1.0
"""Seconds before the deadline in which no other look is planned: it has to be started in time."""


@dataclass
class LateUser:
    """A user that may still come to be."""

    saved: Entry
    """As the state has it, with the name that Cognito returned for a later call."""
    entry: Entry
    """As an unanswered call would create it."""
    expected: int
    """How many calls may still create it."""
    until: float
    """When the last look has to be, on the clock of `Retry`."""


def late_users(
    saved: Iterable[Entry], not_found: Collection[Entry], looked_at: float, now: float, retry: Retry
) -> Iterator[LateUser]:
    """Yield those of `saved` for whom there has to be another look.

    Args:
        saved: whom post has looked for.
        not_found: those of them who were not there.
        looked_at: when that look began, on the clock of `Retry`.
        now: the time, in seconds since 1970.
        retry: of the step.
    """
    for entry in saved:
        offered = entry.possible_late_user
        if offered is None:
            continue
        missing = entry in not_found
        deadline = retry.clock() + retry.seconds_left - RESERVE
        if entry.taken and missing:
            expected, until = 1, deadline
        else:
            expected = entry.unanswered - int(not entry.is_known and not missing)
            latest_effect = min(LATEST_EFFECT, entry.last_unanswered + LATEST_EFFECT - now)
            until = min(deadline, retry.clock() + latest_effect)
        was_last_look = offered.deletion_names == entry.deletion_names and looked_at >= until
        if expected > 0 and not was_last_look:
            yield LateUser(entry, offered, expected, until)


def watch(
    late: Sequence[LateUser],
    delete: Callable[[Sequence[Entry]], Collection[Entry]],
    is_over: Callable[[Entry], bool],
    retry: Retry,
) -> list[LateUser]:
    """Look for `late` at growing intervals, each until its time, and return those who never came.

    `delete` deletes users and returns those who were not there. `is_over` tells whether another look makes no sense.
    """
    waiting, missing, pause = list(late), list(late), FIRST_PAUSE
    while waiting and retry.seconds_left > 0:
        retry.sleep(max(0.0, min(pause, max(user.until for user in waiting) - retry.clock())))
        now = retry.clock()
        not_found = delete([user.entry for user in waiting])
        for user in waiting:
            user.expected -= int(user.entry not in not_found)
        missing = [user for user in missing if user not in waiting or user.entry in not_found]
        waiting = [user for user in waiting if user.expected > 0 and now < user.until and not is_over(user.entry)]
        pause *= 2
    return missing
