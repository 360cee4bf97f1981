"""The five steps, what each may be given, and what it may leave behind."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from hypothesis import strategies as st

from cognito_action.retry import Limits
from cognito_action.steps import adopt, delete, main, post, sweep
from cognito_action.steps.run import Step
from tests.support.examples import (
    EMAIL,
    NAME,
    PHONE,
    PREFIX,
    RUN_ENVIRON,
    SUB,
)
from tests.support.fake_services import BEARER, SIGN_IN, SIGN_UP, TRADE, FakeServices
from tests.support.hostile_answers import Plan
from tests.support.hostile_inputs import (
    CLIENT,
    EXPECTED,
    GROUPS,
    IDENTITY_POOL,
    LINES,
    STATE,
    USER,
    WORD,
    Environ,
    inputs,
)
from tests.support.whole_step import play
from tools.emulator.job import Stage

Search = Callable[..., None]
"""Looks for examples that break a property."""

USERNAMES = [f"{PREFIX}{number:016x}" for number in range(3)]


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
    "main with sign-up": replace(
        MAIN,
        environ=inputs(
            {
                **CLIENT,
                "sign_up": st.just("true"),
                "auth_flow": st.sampled_from(("none", "auto", "USER_PASSWORD_AUTH")),
            },
            email_domain=st.just(""),
            phone_number=st.just(PHONE),
            attributes=LINES,
            groups=GROUPS,
            users=st.dictionaries(WORD, USER | EXPECTED, min_size=1, max_size=3).map(json.dumps),
        ),
        operations=(*SIGN_UP, *SIGN_UP, "AdminInitiateAuth", "AdminAddUserToGroup", "InitiateAuth"),
    ),
    "main with users to come": replace(
        MAIN,
        environ=inputs(
            {"users": st.dictionaries(WORD, USER | EXPECTED, min_size=1, max_size=3).map(json.dumps)},
            email_domain=st.just(""),
            phone_number=st.just(PHONE),
            mask_username=st.just("false"),
            cleanup=st.just("false"),
        ),
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
