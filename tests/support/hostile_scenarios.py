"""The five steps, what each may be given, and what it may leave behind."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from hypothesis import strategies as st

from cognito_action.aws.iam import Role
from cognito_action.retry import Limits
from cognito_action.steps import adopt, delete, main, post, sweep
from cognito_action.steps.run import Step
from cognito_action.users.records import Entry, Setup
from tests.support.app_clients import CLIENT_ID, CLIENT_SECRET
from tests.support.examples import EMAIL, ENDPOINTS, NAME, PHONE, POOL_ID, PREFIX, ROLE_ARN, RUN_ENVIRON, SUB, TEXT
from tests.support.fake_services import BEARER, SIGN_IN, TRADE, FakeServices
from tests.support.hostile_answers import HOSTILE, Plan
from tests.support.inputs import input_variables
from tests.support.whole_step import play
from tools.emulator.job import Stage

Environ = Mapping[str, str]

Search = Callable[..., None]
"""Looks for examples that break a property."""

IDENTITY_POOL = "eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"
IDENTITY = "eu-central-1:00000001-2222-3333-4444-555555555555"
USERNAMES = [f"{PREFIX}{number:016x}" for number in range(3)]

# What is given to a step

WORD = st.lists(
    st.sampled_from(("::error::", "##[save-state_name=user-1]evil", "%0A", "`", "'", '"', "$(x)", "é", "😀", "a")),
    min_size=1,
    max_size=5,
).map(lambda parts: "".join(parts)[:32])
PAIRS = st.dictionaries(WORD, TEXT.map(lambda text: " ".join(text.split())[:2000]), max_size=3)
LINES = PAIRS.map(lambda pairs: "\n".join(f"{name}={value}" for name, value in pairs.items()))
GROUPS = st.lists(WORD, max_size=2).map("\n".join)
USER = st.fixed_dictionaries({}, optional={"groups": st.lists(WORD, max_size=2), "attributes": PAIRS})
ROLE = {"role_to_assume": st.sampled_from((ROLE_ARN, ROLE_ARN, ""))}
CLIENT = {
    "client_id": st.just(CLIENT_ID),
    "client_secret": st.sampled_from(("", CLIENT_SECRET)),
    "auth_flow": st.sampled_from(
        ("auto", "USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "ADMIN_USER_PASSWORD_AUTH")
    ),
    "client_metadata": LINES,
}


def given(**named: str) -> Environ:
    """The environment of a step with these inputs, and a role unless they say otherwise; `_` in names means `-`."""
    named = {"user_pool_id": POOL_ID, "role_to_assume": ROLE_ARN, **named}
    return input_variables(**named)


def inputs(always: Mapping[str, st.SearchStrategy[str]], **often: st.SearchStrategy[str]) -> st.SearchStrategy[Environ]:
    """The environment of a step with inputs of these kinds."""
    return st.fixed_dictionaries({**ROLE, **always}, optional=often).map(lambda named: given(**named))


def saved(entries: list[Entry], setup: Setup) -> Environ:
    """The environment of a post whose main saved these."""
    users = {f"STATE_user-{number}": entry.text for number, entry in enumerate(entries, 1)}
    return {"STATE_setup": setup.text, "STATE_users": str(len(entries)), **users}


STATE = st.builds(
    saved,
    st.lists(
        st.builds(
            Entry,
            name=st.sampled_from((NAME, EMAIL)),
            phone_number=st.sampled_from(("", PHONE)),
            username=st.sampled_from(("", SUB)) | HOSTILE,
            sub=st.sampled_from(("", SUB)) | HOSTILE,
            identity_id=st.sampled_from(("", IDENTITY)) | HOSTILE,
        ),
        min_size=1,
        max_size=3,
    ),
    st.builds(
        Setup,
        pool_id=st.just(POOL_ID),
        region=st.just("eu-central-1"),
        role=st.sampled_from((Role(ROLE_ARN, "session", "sts.amazonaws.com"), None)),
        credentials=st.just(""),
        endpoints=st.just(ENDPOINTS),
        proxies=st.just(""),
        cleanup_failure=st.sampled_from(("warning", "error")),
        identity_pool_id=st.sampled_from(("", IDENTITY_POOL)),
    ),
)


@dataclass(frozen=True)
class Scenario:
    """A step, what it may be given, and what it may leave behind."""

    step: Step
    limits: Limits
    environ: st.SearchStrategy[Environ]
    operations: tuple[str, ...]
    annotations: int = 2
    outputs: tuple[str, ...] = ()
    state: str = ""


SECRETS = ("password", "access-token", "id-token", "refresh-token", "totp-secret")
OF_IDENTITY_POOL = ("identity-id", "aws-access-key-id", "aws-secret-access-key", "aws-session-token")
SIGNED_IN = ("username", "sub", *SECRETS)
MAIN = Scenario(
    lambda environ, runner, retry: main.main(environ, runner, retry, Random(1)),
    main.LIMITS,
    inputs(
        {},
        email_domain=st.just(""),
        phone_number=st.just(PHONE),
        attributes=LINES,
        groups=GROUPS,
        cleanup=st.just("false"),
    ),
    ("AdminCreateUser", "AdminSetUserPassword", "AdminAddUserToGroup"),
    outputs=(*SIGNED_IN, *OF_IDENTITY_POOL, "email", "users", "storage-state"),
    state="setup|keep|users|files|(user|file)-[1-9][0-9]*",
)
STEPS = {
    "main": MAIN,
    "main with tokens": replace(
        MAIN,
        environ=inputs(
            CLIENT,
            storage_state_origin=st.just("https://app.example.com"),
            identity_pool_id=st.just(IDENTITY_POOL),
            users=st.dictionaries(WORD, USER, min_size=1, max_size=3).map(json.dumps),
        ),
        operations=(*SIGN_IN, *TRADE),
    ),
    "post": Scenario(
        post.post, post.LIMITS, STATE, ("AdminDeleteUser", "ListUsers", "DeleteIdentities"), annotations=5
    ),
    "adopt": Scenario(
        lambda environ, runner, retry: adopt.adopt(environ, runner, retry, Random(1)),
        adopt.LIMITS,
        inputs({"username": st.sampled_from((NAME, EMAIL)), **CLIENT}),
        ("AdminSetUserPassword", *SIGN_IN),
        outputs=SIGNED_IN,
    ),
    "delete": Scenario(
        delete.delete,
        delete.LIMITS,
        inputs({"username": st.just("\n".join(USERNAMES))}),
        ("AdminDeleteUser",),
        annotations=len(USERNAMES),
    ),
    "sweep": Scenario(
        sweep.sweep,
        sweep.LIMITS,
        inputs({}, dry_run=st.just("true")),
        ("AdminDeleteUser", "ListUsers"),
        annotations=len(USERNAMES) + 1,
        outputs=("found", "deleted"),
    ),
}
LISTED = [
    {
        "Username": name,
        "Attributes": [{"Name": "sub", "Value": SUB}, {"Name": "email", "Value": EMAIL}],
        "UserCreateDate": 1.7e9,
    }
    for name in USERNAMES
]


def run(scenario: Scenario, services: FakeServices, plan: Plan, environ: Environ) -> Stage:
    """Run the scenario against services that follow the plan."""
    services.reset(plan, environ.get("INPUT_CLIENT-SECRET", ""), users=LISTED)
    token = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{services.url}/?a=b", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": BEARER}
    proxies = {"http_proxy": services.url, "https_proxy": services.url}
    return play(scenario.step, scenario.limits, {**RUN_ENVIRON, **token, **proxies, **environ})


def secrets_in_outputs(stage: Stage) -> set[str]:
    """The secrets among the outputs."""
    people = [stage.outputs, *json.loads(stage.outputs.get("users", "{}")).values()]
    return {person[name] for person in people for name in SECRETS if name in person}
