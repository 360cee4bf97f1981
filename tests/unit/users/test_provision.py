"""From inputs to users, the same for an action and a command: names of their origin, outputs, and the state before both."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import pytest

from cognito_action.aws.connect import connect
from cognito_action.aws.prefetch import Prefetch
from cognito_action.errors import ActionError
from cognito_action.inputs.main import MainInputs
from cognito_action.naming import Origin, Place, Run
from cognito_action.retry import Limits
from cognito_action.users.batch import ReadyUser
from cognito_action.users.provision import PrivateFolder, provision
from cognito_action.users.state import SavedState, State
from tests.support.examples import POOL_ID, SUB
from tests.support.fake_time import FakeTime
from tests.support.recorder import Recorder
from tests.support.scripted_aws import ScriptedAws, cognito_answer, cognito_refusal
from tools.emulator.http import Answer

OTHER_SUB = "22222222-3333-4444-5555-666666666666"

PLACE = Place("0123456789abcdef", "20261124120005")
RUN = Run("123456789", "9876543210", "1")

SIGNED_IN = cognito_answer(
    {"AuthenticationResult": {"AccessToken": "access", "IdToken": "id", "RefreshToken": "the-refresh-token"}}
)

STATE_OF_THE_APP = {"client-id": "abc", "storage-state-origin": "https://app.example.com"}


def created(sub: str) -> Answer:
    return cognito_answer({"User": {"Username": sub, "Attributes": [{"Name": "sub", "Value": sub}]}})


@dataclass
class Drawer:
    """A folder that remembers what was put there, or has no room."""

    path: str = "/somewhere"
    files: dict[str, str] = field(default_factory=dict)
    full: bool = False

    def write(self, name: str, text: str) -> str:
        if self.full:
            raise OSError(28, "No space left on device")
        self.files[name] = text
        return f"/as/tests/see/it/{name}"


@dataclass
class Provision:
    """A creation with the credentials of the environment."""

    recorder: Recorder
    aws: ScriptedAws
    time: FakeTime
    origin: Origin = PLACE
    folder: PrivateFolder | None = None

    def __call__(self, **texts: str) -> Mapping[str, ReadyUser]:
        """Create the users that these inputs ask for; `_` in names stands for `-`."""
        inputs = MainInputs.read({"user-pool-id": POOL_ID, **{k.replace("_", "-"): v for k, v in texts.items()}}, {})
        host, retry = self.recorder.runner, self.time.retry(Limits(60))
        state = State(host)
        state.begin()
        connection = connect(None, inputs.pool, inputs.operations, Prefetch({}, host), retry, host)
        return provision(inputs, self.origin, connection, state, self.folder, {}, host, retry, Random(1))

    @property
    def saved(self) -> SavedState:
        return SavedState.read(self.recorder.stage.state, self.origin)


@pytest.fixture
def create(recorder: Recorder, aws: ScriptedAws, time: FakeTime, ambient: None) -> Provision:  # noqa: ARG001 - the fixture sets up the environment
    aws.on("AdminCreateUser", created(SUB), created(OTHER_SUB))
    return Provision(recorder, aws, time)


@pytest.mark.parametrize("origin", [PLACE, RUN])
def test_names_are_those_of_the_origin(create: Provision, origin: Origin) -> None:
    """What was sent to Cognito, what is handed over and what is in the state is the same."""
    create.origin = origin

    [user] = create().values()

    [call] = create.aws.all("AdminCreateUser")
    [entry] = create.saved.entries
    assert origin.generated(user.credentials.username)
    assert call.parameters["Username"] == create.recorder.stage.outputs["username"] == entry.name
    assert create.saved.foreign == ()
    assert create.saved.setup
    assert create.saved.setup.pool_id == POOL_ID


def test_failed_creation_keeps_no_one(create: Provision) -> None:
    """Although they were to stay: whoever may exist is in the state."""
    create.aws.on("AdminSetUserPassword", cognito_refusal("AccessDeniedException"))

    with pytest.raises(ActionError):
        create(cleanup="false")

    assert len(create.saved.entries) == 1
    assert not create.saved.kept
    assert create.recorder.stage.outputs == {}


def test_browser_state_is_put_where_the_host_has_room(create: Provision) -> None:
    """Its name is in the state, and the path that tests see in an output."""
    drawer = Drawer()
    create.folder = drawer
    create.aws.on("InitiateAuth", SIGNED_IN)

    create(**STATE_OF_THE_APP)

    [(name, text)] = drawer.files.items()
    assert create.saved.files == (name,)
    assert create.recorder.stage.outputs["storage-state"] == f"/as/tests/see/it/{name}"
    assert json.loads(text)["origins"][0]["origin"] == "https://app.example.com"


def test_browser_state_that_finds_no_room_is_told(create: Provision) -> None:
    """The error names the folder; the file and the user are in the state."""
    create.folder = Drawer(full=True)
    create.aws.on("InitiateAuth", SIGNED_IN)

    with pytest.raises(ActionError) as caught:
        create(**STATE_OF_THE_APP)

    assert "/somewhere" in caught.value.what
    assert "the-refresh-token" not in caught.value.markdown
    assert len(create.saved.files) == len(create.saved.entries) == 1


@pytest.mark.parametrize(("sign_up", "outputs"), [("true", {"sub": SUB}), ("false", {})])
def test_sub_of_a_sign_up_that_fails_is_handed_over(create: Provision, sign_up: str, outputs: dict[str, str]) -> None:
    """A trigger may have made something for that user; an administrator's creation runs none."""
    create.aws.on("SignUp", cognito_answer({"UserSub": SUB, "UserConfirmed": False}))
    create.aws.on("AdminConfirmSignUp", cognito_refusal("AccessDeniedException"))
    create.aws.on("AdminSetUserPassword", cognito_refusal("AccessDeniedException"))

    with pytest.raises(ActionError):
        create(client_id="abc", auth_flow="none", sign_up=sign_up)

    assert create.recorder.stage.outputs == outputs


def test_credentials_of_an_identity_pool_are_handed_over(create: Provision) -> None:
    """The identity is in the state as soon as it exists."""
    identity = "eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"
    keys = {"AccessKeyId": "ASIAEXAMPLE", "SecretKey": "the-secret-key", "SessionToken": "the-token", "Expiration": 0}
    create.aws.on("InitiateAuth", SIGNED_IN)
    create.aws.on("GetId", cognito_answer({"IdentityId": identity}))
    create.aws.on("GetCredentialsForIdentity", cognito_answer({"IdentityId": identity, "Credentials": keys}))

    create(**{"client-id": "abc", "identity-pool-id": identity})

    assert create.recorder.stage.outputs["aws-secret-access-key"] == "the-secret-key"
    assert [entry.identity_id for entry in create.saved.entries] == [identity]
    assert create.saved.setup
    assert create.saved.setup.identity_pool_id == identity
