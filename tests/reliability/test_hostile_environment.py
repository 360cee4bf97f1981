"""Whatever is in the inputs and the variables of a step, it ends with a readable message and at most one error."""

import re
from collections.abc import Mapping

import pytest
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from hypothesis import strategies as st

from cognito_action.inputs.adopt import AdoptInputs
from cognito_action.inputs.base import BaseInputs
from cognito_action.inputs.delete import DeleteInputs
from cognito_action.inputs.main import MainInputs
from cognito_action.inputs.sweep import SweepInputs
from tests.support.examples import ROLE_ARN
from tests.support.fake_services import FakeServices
from tests.support.hostile_answers import VARIABLE, Plan
from tests.support.hostile_inputs import Environ
from tests.support.hostile_scenarios import STEPS, Search, run, secrets_in_outputs
from tests.support.inputs import input_variables
from tests.support.whole_step import obeys_nobody, shows_no_secret

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

INPUTS: Mapping[str, type[BaseInputs]] = {
    "main": MainInputs,
    "main with tokens": MainInputs,
    "main with sign-up": MainInputs,
    "main with users to come": MainInputs,
    "adopt": AdoptInputs,
    "delete": DeleteInputs,
    "sweep": SweepInputs,
}

HERE = "\ue001"
"""Placeholder for the address of the fake services."""

ELSEWHERE = ("METADATA", "CSM", "IGNORE_CONFIGURED")
"""Parts of the names of variables that point the SDK to other hosts."""

_NO_HOST = VARIABLE.map(lambda text: re.sub(r"/[/\\]+", "/", text))
_NO_FILE = VARIABLE.map(lambda text: f"/nonexistent/{text}")
_KEY = VARIABLE | st.none()

VARIABLES: Mapping[str, st.SearchStrategy[str | None]] = {
    **dict.fromkeys(("GITHUB_REPOSITORY_ID", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_EVENT_PATH"), VARIABLE),
    **dict.fromkeys(("GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"), VARIABLE),
    **dict.fromkeys(("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "RUNNER_TEMP"), _NO_FILE | st.just("")),
    **dict.fromkeys(("RUNNER_WORKSPACE", "RUNNER_DEBUG", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"), VARIABLE),
    "ACTIONS_ID_TOKEN_REQUEST_URL": _NO_HOST | VARIABLE.map(lambda text: HERE + text) | st.just(""),
    **{
        name: VARIABLE
        for _, names, *_ in BOTOCORE_DEFAUT_SESSION_VARIABLES.values()
        for name in ([names] if isinstance(names, str) else names or ())
        if name.startswith("AWS_") and not any(word in name for word in ELSEWHERE)
    },
    **dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"), _NO_HOST),
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), _KEY),
    **dict.fromkeys(("AWS_CREDENTIAL_EXPIRATION", "AWS_EXECUTION_ENV", "AWS_ACCOUNT_ID"), VARIABLE),
}


WEB_IDENTITY: st.SearchStrategy[Mapping[str, str | None]] = st.fixed_dictionaries(
    {
        "INPUT_ROLE-TO-ASSUME": st.just(""),
        "AWS_ACCESS_KEY_ID": st.none(),
        "AWS_ROLE_ARN": st.just(ROLE_ARN) | VARIABLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": VARIABLE,
    }
)
"""What an earlier step leaves if its files are not in the container."""


def changes(name: str) -> st.SearchStrategy[Mapping[str, str | None]]:
    """Other values of up to four variables and inputs of the step; None for no value."""
    fields = INPUTS[name].model_fields.values() if name in INPUTS else ()
    values = {**VARIABLES, **dict.fromkeys(input_variables(**{str(field.alias): "" for field in fields}), VARIABLE)}
    drawn = st.lists(st.sampled_from(sorted(values)), min_size=1, max_size=4, unique=True)
    return WEB_IDENTITY | drawn.flatmap(lambda keys: st.fixed_dictionaries({key: values[key] for key in keys}))


@pytest.mark.parametrize("name", STEPS)
def test_any_text_in_a_variable_leads_to_a_readable_message(name: str, services: FakeServices, search: Search) -> None:
    """Other inputs, variables of the runner and variables of the SDK: broken, missing, or malicious."""

    def holds(environ: Environ, changed: Mapping[str, str | None]) -> None:
        texts = {key: text.replace(HERE, f"{services.url}/?") for key, text in changed.items() if text is not None}
        with pytest.MonkeyPatch.context() as patch:
            for key in changed:
                patch.delenv(key, raising=False)
            for key, text in texts.items():
                patch.setenv(key, text)
            stage = run(STEPS[name], services, Plan(), {**environ, **texts})

        step = STEPS[name]
        obeys_nobody(stage, annotations=step.annotations + 1, outputs=step.outputs, state=step.state)
        assert len([one for one in stage.annotations if one.level == "error"]) <= (1 if name in INPUTS else 2)
        secret = ("INPUT_CLIENT-SECRET", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        given = [texts[key].strip() for key in secret if key in texts]
        shows_no_secret(stage, [*services.secrets, *secrets_in_outputs(stage), *given])

    search(holds, environ=STEPS[name].environ, changed=changes(name))
