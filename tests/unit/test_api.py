"""The Python API: users for the time of a block."""

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cognito_action.api import (
    CognitoTestUserError,
    CognitoTestUserWarning,
    CognitoUser,
    temporary_user,
    temporary_users,
)
from cognito_action.command.run import OUTPUTS
from cognito_action.command.settings import keyword_of
from tests.support.examples import POOL_ID, SUB
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.job import ROOT

REFUSED = cognito_refusal("NotAuthorizedException", "no more")

LIFE = ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"]

pytestmark = pytest.mark.usefixtures("ambient", "_logging_as_before")


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    before = logging.root.manager.disable
    yield
    assert logging.root.manager.disable == before


@pytest.fixture
def aws(aws: ScriptedAws) -> ScriptedAws:
    """A pool that takes the first users."""
    user = {"Username": SUB, "Attributes": [{"Name": "sub", "Value": SUB}]}
    aws.on("AdminCreateUser", *2 * [cognito_answer({"User": user})])
    return aws


def all_journals(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.journal"))


def test_user_is_there_in_the_block(aws: ScriptedAws, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is created and deleted, and nothing is printed."""
    with temporary_user(user_pool_id=POOL_ID) as user:
        assert aws.operations == LIFE[:2]
        assert user.sub == SUB
        assert user.password == aws.calls[1].parameters["Password"]
        assert user.username == user.email == aws.calls[0].parameters["Username"]
        assert user.access_token == ""

    assert aws.operations == LIFE
    assert all_journals(tmp_path) == []
    assert capfd.readouterr() == ("", "")


def test_several_users_are_there_by_their_keys(aws: ScriptedAws) -> None:
    """In the order of the argument; one whom a test signs up has no `sub`."""
    users = {"admin": {}, "new": {"create": False}}

    with temporary_users(user_pool_id=POOL_ID, users=users) as found:
        assert {key: user.sub for key, user in found.items()} == {"admin": SUB, "new": ""}

    assert aws.operations.count("AdminCreateUser") == 1


def test_variables_stand_for_arguments(aws: ScriptedAws, tmp_path: Path) -> None:
    """An argument goes before its variable, and a user alone is not one of several."""
    environ = {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": aws.url,
        "COGNITO_TEST_USER_USER_POOL_ID": POOL_ID,
        "COGNITO_TEST_USER_EMAIL_DOMAIN": "variable.example",
        "COGNITO_TEST_USER_PASSWORD_LENGTH": "20",
        "COGNITO_TEST_USER_USERS": "a:\nb:\n",
    }

    with temporary_user(environ=environ, password_length=50) as user:
        assert user.email.endswith("@variable.example")
        assert len(user.password) == 50

    assert aws.operations == LIFE


def test_repr_and_comparison_show_no_secret() -> None:
    """Every output has a field, and only the `sub` is seen; pytest would show fields that are compared."""
    user = CognitoUser(username="name", password="secret", sub=SUB)

    assert repr(user) == f"CognitoUser(sub='{SUB}')"
    assert user not in (CognitoUser(username="name", password="secret", sub=SUB), None)
    assert [each.name for each in fields(CognitoUser) if each.compare] == []
    assert {each.name for each in fields(CognitoUser)} == set(map(keyword_of, OUTPUTS)) - {"users"}


def test_failed_creation_raises_the_whole_text(aws: ScriptedAws, tmp_path: Path) -> None:
    """What failed, why, and what to change; whoever was created by then is deleted."""
    aws.on("AdminSetUserPassword", REFUSED)

    with pytest.raises(
        CognitoTestUserError, match="AdminSetUserPassword failed with NotAuthorizedException: no more"
    ) as caught:
        temporary_user(user_pool_id=POOL_ID).__enter__()

    assert len(str(caught.value).split("\n")) > 2
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert aws.operations == LIFE
    assert all_journals(tmp_path) == []


def test_failed_creation_with_someone_left(aws: ScriptedAws, tmp_path: Path) -> None:
    """The error comes first, and as an error too if that is asked for, who is left."""
    aws.on("AdminSetUserPassword", REFUSED)
    aws.on("AdminDeleteUser", REFUSED)

    with pytest.raises(CognitoTestUserError) as caught:
        temporary_user(user_pool_id=POOL_ID, cleanup_failure="error").__enter__()

    first, _, second = str(caught.value).partition("\n\n")
    assert "AdminSetUserPassword" in first
    assert f"--username {SUB}" in second
    assert len(all_journals(tmp_path)) == 1


def test_user_who_stays_is_a_warning_at_the_block(aws: ScriptedAws, tmp_path: Path) -> None:
    """The next block deletes it, and says nothing."""
    aws.on("AdminDeleteUser", REFUSED)

    with pytest.warns(CognitoTestUserWarning, match="no more") as caught, temporary_user(user_pool_id=POOL_ID):
        pass

    assert [Path(each.filename) for each in caught] == [Path(__file__)]
    assert len(all_journals(tmp_path)) == 1
    with temporary_user(user_pool_id=POOL_ID):
        assert aws.operations == [*LIFE, "AdminDeleteUser", *LIFE[:2]]
    assert all_journals(tmp_path) == []


def test_user_who_stays_is_an_error_if_asked_for(aws: ScriptedAws) -> None:
    """It is raised when the block has ended."""
    aws.on("AdminDeleteUser", REFUSED)
    ended = False

    with (
        pytest.raises(CognitoTestUserError, match="no more"),
        temporary_user(user_pool_id=POOL_ID, cleanup_failure="error"),
    ):
        ended = True

    assert ended


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_exception_of_the_block_deletes_the_user(aws: ScriptedAws, error: BaseException) -> None:
    """And goes on."""
    with pytest.raises(type(error)) as caught, temporary_user(user_pool_id=POOL_ID):
        raise error

    assert caught.value is error
    assert aws.operations == LIFE


@pytest.mark.parametrize("failure", ["warning", "error"])
def test_exception_of_the_block_goes_before_a_user_who_stays(aws: ScriptedAws, failure: str) -> None:
    """That is a note to it where warnings are exceptions, as here, and otherwise a warning."""
    aws.on("AdminDeleteUser", REFUSED, REFUSED)

    with pytest.raises(ZeroDivisionError) as caught, temporary_user(user_pool_id=POOL_ID, cleanup_failure=failure):
        raise ZeroDivisionError

    [note] = caught.value.__notes__
    assert "no more" in note


def test_warning_as_an_exception_ends_the_block(aws: ScriptedAws, tmp_path: Path) -> None:
    """At its end after the deletion; on entry, the user who has been created is deleted first."""
    aws.on("AdminDeleteUser", REFUSED, REFUSED)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CognitoTestUserWarning), temporary_user(user_pool_id=POOL_ID):
            pass
        aws.calls.clear()

        with pytest.raises(CognitoTestUserWarning):
            temporary_user(user_pool_id=POOL_ID).__enter__()

    assert aws.operations == ["AdminDeleteUser", *LIFE]
    assert len(all_journals(tmp_path)) == 1


def test_missing_pool_is_explained(aws: ScriptedAws) -> None:
    """With all ways to set it; AWS is not called."""
    with pytest.raises(CognitoTestUserError, match="The user pool is not set"):
        temporary_user().__enter__()

    assert aws.calls == []


def test_missing_users_are_explained(aws: ScriptedAws) -> None:
    """One user of that kind is `temporary_user`."""
    with pytest.raises(CognitoTestUserError, match="The setting users is not set"):
        temporary_users(user_pool_id=POOL_ID).__enter__()

    assert aws.calls == []


def test_invalid_input_is_explained(aws: ScriptedAws) -> None:
    """As for the command, without pydantic's words."""
    with pytest.raises(CognitoTestUserError, match="password-length: must be a whole number from 8 to 256"):
        temporary_user(user_pool_id=POOL_ID, password_length=7).__enter__()

    assert aws.calls == []


def test_users_are_no_argument_of_a_single_one() -> None:
    """The error names the other function, before anything is done."""
    with pytest.raises(TypeError, match="temporary_users"):
        temporary_user(user_pool_id=POOL_ID, users={"a": {}})


class Fragile(dict[str, str]):
    """An environment that can be made to fail."""

    broken = False

    def get(self, name: str, default: Any = None) -> Any:
        if self.broken:
            raise RuntimeError("something secret")
        return super().get(name, default)


def test_unexpected_failure_of_the_deletion_is_a_warning(aws: ScriptedAws, tmp_path: Path) -> None:
    """It is put into words, and the journal stays."""
    environ = Fragile(os.environ)

    with (
        pytest.warns(CognitoTestUserWarning, match="Unexpected RuntimeError in get") as caught,
        temporary_user(environ=environ, user_pool_id=POOL_ID),
    ):
        environ.broken = True

    assert "something secret" not in str(caught[0].message)
    assert aws.operations == LIFE[:2]
    assert len(all_journals(tmp_path)) == 1


def test_no_log_of_the_sdk_reaches_anyone(aws: ScriptedAws, caplog: pytest.LogCaptureFixture) -> None:
    """It holds passwords; in the block, loggers are as they were."""
    caplog.set_level(logging.DEBUG)

    with temporary_user(user_pool_id=POOL_ID):
        logging.getLogger("botocore").info("in the block")

    assert caplog.messages == ["in the block"]
    assert aws.operations == LIFE


def test_secrets_are_texts_that_no_repr_shows(aws: ScriptedAws) -> None:
    """pytest shows the arguments of a call that failed by their `repr`; everyone else gets the text."""
    with temporary_user(user_pool_id=POOL_ID) as user:
        password = aws.all("AdminSetUserPassword")[0].parameters["Password"]
        assert repr(user.password) == "'***'"
        assert (user.password, f"{user.password}") == (password, password)
        assert json.dumps({"password": user.password}) == f'{{"password": "{password}"}}'
        assert repr(user.username) == f"'{user.username}'"


def test_user_stays_if_that_is_asked_for(aws: ScriptedAws, tmp_path: Path) -> None:
    """And no journal names it."""
    with temporary_user(user_pool_id=POOL_ID, cleanup=False):
        pass

    assert aws.operations == LIFE[:2]
    assert all_journals(tmp_path) == []


FORKED = """
import os
from cognito_action.command.block import Block
block = Block({}, {}, open(os.devnull, "wb"), several=False)
class Created:
    def close(self):
        print("deleted")
block._created = Created()
child = os.fork()
block.delete()
if not child:
    os._exit(0)
os.waitpid(child, 0)
"""


def test_forked_child_that_ends_the_block_deletes_no_one() -> None:
    """The users are its parent's."""
    done = subprocess.run([sys.executable, "-c", FORKED], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split()) == (0, ["deleted"])
