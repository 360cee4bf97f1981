"""What is said of users who could not be deleted, and of a state that does not say whom to delete."""

from collections.abc import Sequence

from cognito_action.diagnostics.phrases import OUR_NAMES
from cognito_action.errors import ActionError, CallError
from cognito_action.words import HostKind, Words

_IN_JOURNAL = Words("To delete by hand:", "Mend that, and run `cognito-test-user cleanup`. Or delete by hand:")
"""Before the commands: outside of GitHub, the journal still names the users."""


_OTHER_WRITER = "Another version of the action wrote the state, or the workflow sets `STATE_…` variables itself."

_OTHER_WRITER_HERE = "Another version of the command wrote the journal, or something else has changed it."


def foreign_state_entries(names: Sequence[str], kind: HostKind = HostKind.ACTION) -> ActionError:
    """The state, or the journal, holds entries that this run did not write."""
    if kind is HostKind.COMMAND:
        return ActionError(
            what=f"The journal holds entries that are not its own; they were left alone: {', '.join(names)}",
            why=_OTHER_WRITER_HERE,
            fix="Look for these users in the Cognito console, and delete them by hand. Use one version of the command.",
        )
    return ActionError(
        what=f"The state of this step holds entries that this run did not write; they were left alone: {', '.join(names)}",
        why=_OTHER_WRITER,
        fix="Use one version of the action, and let nothing set `STATE_…` variables.",
    )


def setup_missing(users: Sequence[str], kind: HostKind = HostKind.ACTION) -> ActionError:
    """The state, or the journal, names users but not their pool."""
    if kind is HostKind.COMMAND:
        return ActionError(
            what="The journal does not say which user pool its users are in; they were not deleted.",
            why=_OTHER_WRITER_HERE,
            details="\n".join(users),
            fix="Delete them by hand. Use one version of the command.",
        )
    return ActionError(
        what="The state of this step does not say which user pool its users are in; they were not deleted.",
        why=_OTHER_WRITER,
        details="\n".join(users),
        fix="Delete them by hand. Use one version of the action, and let nothing set `STATE_…` variables.",
    )


def credentials_changed() -> ActionError:
    """Post found other credentials than main."""
    return ActionError(
        what="The AWS credentials are not those with which the users were created.",
        why=Words(
            "Without `role-to-assume` the action uses what the environment holds, and a later step replaced or renewed it.",
            "Without `--role-to-assume` the command uses what the environment and the profile hold, which is other than then.",
        ),
        fix=Words(
            "Set `role-to-assume`: the post step then assumes the role again.",
            "Choose the same account and profile as then, and run `cognito-test-user cleanup`.",
        ),
    )


def phone_user_unknown() -> ActionError:
    """The creation by phone number was never answered, and nothing marks the user as ours."""
    return ActionError(
        what="It is not known whether a user with this phone number was created.",
        why="The answer was lost, and without an email address nothing on the user marks it as this run's: it may belong to "
        "someone else.",
        fix="Keep `email-domain` set, so that the user carries a generated address, and allow `cognito-idp:ListUsers`.",
    )


def phone_user_not_listed() -> ActionError:
    """The phone number is taken since a creation that was not answered, and no list shows by whom."""
    return ActionError(
        what="Cognito says that this phone number is taken, and lists no user who has it.",
        why="The answer to the creation was lost, and the list of users can be late.",
        fix=OUR_NAMES.within("Run the commands in a minute; the user to delete has an address that starts with {}."),
    )


def creation_unanswered(users: int, pool_id: str, commands: Sequence[str]) -> ActionError:
    """A creating call was never answered, and did not take effect while post was looking for its user."""
    who = "1 user" if users == 1 else f"{users} users"
    return ActionError(
        what=f"{who} may still come to be in {pool_id}: the creation was not answered, and no such user has come so far.",
        why="Usually the call never reached Cognito. It takes effect this late only if something on its way held it back.",
        fix=Words(
            "A scheduled sweep (the action's `sweep/`) deletes such a user. Without one, look once more, in a minute:",
            "The journal keeps it, and the next `cognito-test-user run` or `cleanup` looks again. To look by hand, in a minute:",
        ),
        paste="\n".join(commands),
        language="sh",
    )


def proxies_changed(error: CallError, before: str, now: str) -> ActionError:
    """Post could not connect, and the proxies are not those that main had."""
    return ActionError(
        what=error.what,
        why=Words(
            "A later step of the job has changed the proxies, and this connection failed.",
            "Since then the proxies have changed, and this connection failed.",
        ),
        details=f"when the users were created: {before or 'no proxy'}\nnow: {now or 'no proxy'}",
        fix=Words(
            "Look for steps that write `http_proxy`, `https_proxy` or `no_proxy` to `GITHUB_ENV`, and set them for those "
            "steps alone (`env:` of the step).",
            "Set `http_proxy`, `https_proxy` and `no_proxy` as they were then, or to what works now.",
        ),
    )


def users_left_behind(
    cause: ActionError, pool_id: str, users: int, commands: Sequence[str], *, in_journal: bool = True
) -> ActionError:
    """Users who could not be deleted, and how to do it by hand; that comes first, whatever is cut off at the end.

    Outside of GitHub, the journal of this place has those of its own runs: `in_journal`.
    """
    told = {kind: cause.told(kind) for kind in HostKind}
    return ActionError(
        what=f"{users} {'user' if users == 1 else 'users'} may still exist in {pool_id}. {cause.what}",
        why=_IN_JOURNAL if in_journal else "To delete by hand:",
        details="\n".join(commands),
        fix=Words.of(lambda kind: f"{told[kind].why} {told[kind].fix}"),
        paste=Words.of(lambda kind: "\n\n".join(part for part in (told[kind].paste, told[kind].details) if part)),
        language="text",
    )
