"""Users for the time of a `with` block: the Python API, which the pytest plugin is made of.

```python
from cognito_action.api import temporary_user

with temporary_user(user_pool_id="eu-central-1_AbCdEfGhI") as user:
    sign_in(user.username, user.password)
```
"""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, Unpack

from cognito_action.command.arguments import Arguments, texts_of
from cognito_action.command.settings import keyword_of

if TYPE_CHECKING:
    from cognito_action.command.block import Block

Handed = TypeVar("Handed")

_NOT_SECRET = ("username", "email", "sub", "storage-state", "identity-id", "aws-access-key-id")
"""Outputs that the action does not mask, or only so that no one follows a user from log to log."""


def _secret() -> str:
    """A field that neither `repr` nor pytest's comparison shows."""
    value: str = field(default="", repr=False, compare=False)
    return value


class CognitoTestUserError(Exception):
    """There are no users, or one could not be deleted. Its text says what failed, why, and what to change.

    Options that it names are arguments here: `user_pool_id` for `user-pool-id`.
    """


class CognitoTestUserWarning(UserWarning):
    """A user may be left: one that could not be deleted, or that a journal names which can't be worked off."""


class _Secret(str):
    """A text that pytest and other readers of `repr` show as `***`. Its value is the text itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@dataclass(frozen=True, eq=False)
class CognitoUser:
    """A user, as the outputs of the action have it; a text is empty if it was not asked for.

    Its `repr` shows the `sub` alone, and that of a password, a token or another secret is `'***'`: so a failed assertion
    in pytest shows none, also of a call that it was passed to. A user equals itself only.
    """

    username: str = _secret()
    password: str = _secret()
    email: str = _secret()
    sub: str = field(default="", compare=False)
    access_token: str = _secret()
    id_token: str = _secret()
    refresh_token: str = _secret()
    totp_secret: str = _secret()
    storage_state: str = _secret()
    """The path of a file with the browser state."""
    identity_id: str = _secret()
    aws_access_key_id: str = _secret()
    aws_secret_access_key: str = _secret()
    aws_session_token: str = _secret()


def temporary_user(
    *, environ: Mapping[str, str] | None = None, **arguments: Unpack[Arguments]
) -> AbstractContextManager[CognitoUser]:
    """Create a user on entry of the block, and delete it at its end, however that comes.

    The arguments are the action's inputs, with `_` for `-`, and `state_dir`, `place`, `web_identity_token_file` and
    `web_identity_token_command`. What is not given comes from a variable such as `COGNITO_TEST_USER_USER_POOL_ID`.
    A switch can be a `bool`, a number an `int`, `attributes` and `client_metadata` a mapping, `groups` a list.

    On entry, users are deleted first whom earlier processes left that were killed. `KeyboardInterrupt` in the block or
    while the user is created ends with no user. What can't be deleted stays in the journal in `state_dir`, for the next
    entry or `cognito-test-user cleanup`, and is a `CognitoTestUserWarning`; with `cleanup_failure="error"` it is a
    `CognitoTestUserError` at the end of the block, unless another exception ends it.

    While AWS is called, on entry and at the end, all loggers of the process are off: the SDK logs passwords. Signals
    are left alone. In a `run:` step of GitHub the masks of secrets go to `sys.__stderr__`, and nothing else does. They
    reach the runner if file descriptor 2 is the step's. While pytest captures it they still do, because the plugin has
    kept it; without the plugin (`-p no:cognito-test-user`), and under other programs that capture it, they do not.

    Args:
        environ: in place of `os.environ`. The AWS SDK reads its own variables from `os.environ` in any case.
        arguments: as above; None is as if it was not given.

    Raises:
        CognitoTestUserError: on entry, if the user can't be created. Whoever was created by then has been deleted.
        TypeError: at once, for an argument that does not exist or is of a type that means nothing there.
        ValueError: at once, for a name or a value that the text of an input can't hold.
    """
    __tracebackhide__ = True  # pytest shows no locals of such a frame
    if arguments.get("users") is not None:
        raise TypeError("users is an argument of temporary_users")
    given = {**texts_of(arguments), "users": ""}
    return _lifetime(given, environ, _only_one, several=False)


def temporary_users(
    *, environ: Mapping[str, str] | None = None, **arguments: Unpack[Arguments]
) -> AbstractContextManager[dict[str, CognitoUser]]:
    """Create several users on entry of the block, by their keys in `users`, and delete them at its end.

    `users` is a mapping, or YAML or JSON as in the action: `{"admin": {"groups": ["admins"]}, "reader": {}}`. All else
    is as in `temporary_user`.
    """
    __tracebackhide__ = True
    return _lifetime(texts_of(arguments), environ, dict, several=True)


@contextmanager
def _lifetime(
    given: Mapping[str, str],
    environ: Mapping[str, str] | None,
    handed: Callable[[Mapping[str, CognitoUser]], Handed],
    *,
    several: bool,
) -> Iterator[Handed]:
    """Create users, hand them over, and delete them; `given` has texts of inputs and settings by their names."""
    __tracebackhide__ = True
    # A conftest.py that imports this module does not wait for pydantic and urllib3.
    from cognito_action.command.block import Block  # noqa: PLC0415
    from cognito_action.terminal.runner_output import runner_output  # noqa: PLC0415

    block = Block(given, os.environ if environ is None else environ, runner_output.stream, several=several)
    try:
        yield handed(_create(block))
    except BaseException as error:
        _delete(block, error)
        raise
    _delete(block, None)


def _create(block: "Block") -> Mapping[str, CognitoUser]:
    """Create users; raises `CognitoTestUserError`."""
    __tracebackhide__ = True
    users = block.create()
    if errors := block.host.take_errors():
        raise CognitoTestUserError("\n\n".join(reversed(errors)))
    if texts := block.host.take_warnings():
        _warn(texts)
    return {
        key: CognitoUser(**{keyword_of(name): _shown(name, value) for name, value in user.outputs.items()})
        for key, user in users.items()
    }


def _shown(name: str, value: str) -> str:
    return value if name in _NOT_SECRET else _Secret(value)


def _delete(block: "Block", error: BaseException | None) -> None:
    """Delete the users, and tell who is left; the `error` that ends the block goes before that."""
    __tracebackhide__ = True
    block.delete()
    texts, errors = block.host.take_warnings(), block.host.take_errors()
    failure = CognitoTestUserError("\n\n".join(errors)) if errors and error is None else None
    if all_texts := texts if failure else [*texts, *errors]:
        _warn(all_texts, error if failure is None else failure)
    if failure:
        raise failure


def _warn(texts: Sequence[str], ending: BaseException | None = None) -> None:
    """Warn at the line of the `with` statement. Where warnings are exceptions, the one that ends the block goes before."""
    __tracebackhide__ = True
    text = "\n\n".join(texts)
    try:
        warnings.warn(text, CognitoTestUserWarning, stacklevel=5)
    except CognitoTestUserWarning:
        if ending is None:
            raise
        ending.add_note(text)


def _only_one(users: Mapping[str, CognitoUser]) -> CognitoUser:
    [user] = users.values()
    return user
