"""Whatever AWS, a Lambda trigger, GitHub or an input says: nothing is obeyed or silently lost, and no secret shown."""

import re

import pytest
from hypothesis import strategies as st

from cognito_action.aws.iam import Role
from cognito_action.github.runner import harmless
from cognito_action.text import visible
from cognito_action.users.records import Entry, Setup
from tests.support.app_clients import CLIENT_ID
from tests.support.examples import EMAIL, ENDPOINTS, NAME, PHONE, POOL_ID, ROLE_ARN, SIMULATED, SUB
from tests.support.fake_services import SIGN_IN, SIGN_UP, TRADE, FakeServices, in_xml
from tests.support.hostile_answers import CODES, WITHOUT_SECRETS, Plan, Refused, plans
from tests.support.hostile_inputs import IDENTITY_POOL, Environ, given, saved
from tests.support.hostile_scenarios import STEPS, Search, run, secrets_in_outputs
from tests.support.whole_step import commands, obeys_nobody, shows_no_secret

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@pytest.mark.parametrize("name", STEPS)
def test_no_answer_is_obeyed_or_shows_a_secret(name: str, services: FakeServices, search: Search) -> None:
    """Whatever is in an answer, the runner does only what the step intends, and the reader gets a message."""
    step = STEPS[name]

    def holds(plan: Plan, environ: Environ, debug: str) -> None:
        stage = run(step, services, plan, {**environ, "RUNNER_DEBUG": debug})

        obeys_nobody(stage, annotations=step.annotations, outputs=step.outputs, state=step.state)
        shows_no_secret(stage, [*services.secrets, *secrets_in_outputs(stage)])

    search(holds, plan=plans(*step.operations), environ=step.environ, debug=st.sampled_from(("", "1")))


# Nothing is lost


ROLE_OF_MAIN = Role(ROLE_ARN, "session", "sts.amazonaws.com")
SETUP = Setup(
    pool_id=POOL_ID,
    region="eu-central-1",
    role=ROLE_OF_MAIN,
    credentials="",
    endpoints=ENDPOINTS,
    proxies="",
    cleanup_failure="warning",
)
SIGNED_UP = given(client_id=CLIENT_ID, sign_up="true", auth_flow="none")
TOKENS = given(client_id=CLIENT_ID, auth_flow="USER_PASSWORD_AUTH")
CALLS = [
    ("main", "AssumeRoleWithWebIdentity", given()),
    ("main", "AdminCreateUser", given()),
    ("main", "AdminSetUserPassword", given()),
    ("main", "AdminAddUserToGroup", given(groups="a")),
    *(("main with tokens", operation, TOKENS) for operation in SIGN_IN if "Admin" not in operation),
    *(("main with tokens", operation, {**TOKENS, "INPUT_IDENTITY-POOL-ID": IDENTITY_POOL}) for operation in TRADE),
    *(("main with sign-up", operation, SIGNED_UP) for operation in SIGN_UP),
    ("post", "AdminDeleteUser", saved([Entry(name=SIMULATED, expected=True)], SETUP)),
    ("post", "AdminDeleteUser", saved([Entry(name=NAME, username=NAME, sub=SUB)], SETUP)),
    ("post", "ListUsers", saved([Entry(name=EMAIL, phone_number=PHONE)], SETUP)),
    ("adopt", "AdminSetUserPassword", given(username=NAME)),
    ("delete", "AdminDeleteUser", given(username=NAME)),
    ("sweep", "ListUsers", given()),
    ("sweep", "AdminDeleteUser", given()),
]
"""Each kind of call in each step, and what a step that makes it is given."""

ANSWERS = {"NotAuthorizedException", "ResourceNotFoundException", "UserNotFoundException"}
"""Codes that the action can treat as an answer rather than a failure."""


@pytest.mark.parametrize("final", [True, False])
def test_message_of_a_refusal_reaches_the_reader(services: FakeServices, search: Search, *, final: bool) -> None:
    """It is in the annotation, or in the log if the call is made again. The reader gets all of it, or its full length;
    what the annotation cuts off is in the debug log."""

    def holds(call: tuple[str, str, Environ], code: str, message: str) -> None:
        name, operation, environ = call
        plan = Plan({operation: (Refused(400 if final else 500, code, message),)}, ("MFA_SETUP",), always=final)
        stage = run(STEPS[name], services, plan, {**environ, "RUNNER_DEBUG": "1"})

        front = f"{operation} failed with {code}: "
        shown = [one.message for one in stage.annotations] if final else stage.log
        [quote, *_] = [text.partition(front)[2] for text in shown if front in text]
        message = message.strip()
        words = visible(message) if final else harmless(f"{front}{message}").removeprefix(front)
        cut = re.search(r"… \([0-9]+ characters in all\)", quote)
        assert quote.startswith(words) or (cut and words.startswith(quote[: cut.start()]))
        debug = [one.data for one in commands(stage) if one.name == "debug"]
        assert not final or [text for text in debug if visible(message) in text]

    codes = st.sampled_from(sorted(set(CODES) - ANSWERS))
    search(holds, call=st.sampled_from(CALLS), code=codes, message=WITHOUT_SECRETS.map(in_xml).filter(str.strip))
