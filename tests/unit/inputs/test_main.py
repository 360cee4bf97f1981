"""The inputs: each limit from both sides, every bad input reported at once, and no value in the report."""

import subprocess
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cognito_action.aws.iam import SESSION_SECONDS
from cognito_action.errors import ActionError
from cognito_action.github.runner import MESSAGE_LIMIT
from cognito_action.identifiers import PoolAddress
from cognito_action.inputs.main import MAX_DOMAIN_LENGTH, MainInputs
from cognito_action.inputs.sign_in import FLOWS
from cognito_action.inputs.user_list import UserSpec
from cognito_action.network.connections import MAX_ANSWER
from cognito_action.users.passwords import LONGEST_MINIMUM
from tests.support.examples import ANY_TEXT, POOL_ID, ROLE_ARN
from tests.support.inputs import input_variables, no_warning
from tools.emulator import job
from tools.emulator.job import ROOT

ROLE = "arn:aws:iam::123456789012:role/"
MARK = "s3cr3t-mark"

CLIENT = "1example23456789"
SECRET = "secret_of_the_app_client+0"
IDENTITY_POOL = "eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"

NEEDED = {
    name: {"client_id": CLIENT}
    for name in ("client-secret", "auth-flow", "sign-up", "storage-state-origin", "identity-pool-id")
}
"""Inputs that mean nothing without another."""

NAMES = [field.alias for field in MainInputs.model_fields.values() if field.alias]


def read(**given: str) -> MainInputs:
    """Read inputs as the runner passes them, including a valid pool id; `_` in names stands for `-`."""
    named = {"user_pool_id": POOL_ID, **given}
    return MainInputs.from_environ(input_variables(**named), no_warning)


def read_with_warnings(variables: Mapping[str, str]) -> tuple[MainInputs, list[str]]:
    """Read a valid pool id next to further variables; return also the warnings, without their titles."""
    warnings: list[str] = []
    environ = {**input_variables(user_pool_id=POOL_ID), **variables}
    return MainInputs.from_environ(environ, lambda text, _: warnings.append(text)), warnings


def problems(**given: str) -> list[str]:
    """The problems reported for invalid inputs."""
    with pytest.raises(ActionError) as caught:
        read(**given)
    return caught.value.what.split("\n")[1:]


def limit(service: str, shape: str, bound: str) -> Any:
    """A limit from AWS's own service model."""
    return botocore.session.Session().get_service_model(service).shape_for(shape).metadata[bound]


# What is accepted


def test_only_the_pool_is_required() -> None:
    """All other inputs have a default."""
    inputs = read()

    assert inputs.model_dump() == {
        "user_pool_id": "eu-central-1_AbCdEfGhI",
        "role_to_assume": "",
        "role_session_name": "",
        "audience": "",
        "email_domain": "example.com",
        "phone_number": "",
        "attributes": {},
        "groups": (),
        "password_length": 32,
        "client_id": "",
        "client_secret": "",
        "auth_flow": "auto",
        "client_metadata": {},
        "sign_up": False,
        "storage_state_origin": "",
        "identity_pool_id": "",
        "users": {},
        "mask_username": True,
        "cleanup": True,
        "cleanup_failure": "warning",
    }


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("user-pool-id", "email-domain")])
@pytest.mark.parametrize("empty", ["", " ", "\n", " \t\r\n"])
def test_empty_input_counts_as_left_out(name: str, empty: str) -> None:
    """The runner passes every input that was left out as an empty text."""
    assert read(**{name: empty}) == read()


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_empty_email_domain_means_no_address(empty: str) -> None:
    """Only here does an empty text differ from the default."""
    assert read(email_domain=empty).email_domain == ""


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("user-pool-id", "us-east-1_0", "us-east-1_0"),
        ("user-pool-id", "us-gov-west-1_AbC", "us-gov-west-1_AbC"),
        ("user-pool-id", "eusc-de-east-1_AbC", "eusc-de-east-1_AbC"),
        ("user-pool-id", " us-east-1_AbC\n", "us-east-1_AbC"),
        ("user-pool-id", "us-east-1_" + "a" * 45, "us-east-1_" + "a" * 45),
        ("role-to-assume", f"{ROLE}ci", f"{ROLE}ci"),
        ("role-to-assume", f"{ROLE}path/to/ci+=,.@-_", f"{ROLE}path/to/ci+=,.@-_"),
        ("role-to-assume", f"{ROLE}{'a' * 576}", f"{ROLE}{'a' * 576}"),
        ("role-to-assume", "arn:aws-us-gov:iam::123456789012:role/a", "arn:aws-us-gov:iam::123456789012:role/a"),
        ("role-to-assume", "arn:aws-cn:iam::123456789012:role/a", "arn:aws-cn:iam::123456789012:role/a"),
        ("role-session-name", "ab", "ab"),
        ("role-session-name", "a" * 64, "a" * 64),
        ("role-session-name", "Az09_+=,.@-", "Az09_+=,.@-"),
        ("audience", "a", "a"),
        ("audience", "https://example.com/?a=b&c", "https://example.com/?a=b&c"),
        ("audience", "!~" + "a" * 253, "!~" + "a" * 253),
        ("email-domain", "a.b", "a.b"),
        ("email-domain", "Test.EXAMPLE.com", "test.example.com"),
        ("email-domain", "a-b.c-d.example", "a-b.c-d.example"),
        ("email-domain", "a" * 62 + ".b", "a" * 62 + ".b"),
        ("email-domain", "1.2.3", "1.2.3"),
        ("email-domain", "a" * 32 + "." + "b" * 31, "a" * 32 + "." + "b" * 31),
        ("phone-number", "+15555550123", "+15555550123"),
        ("phone-number", "+12", "+12"),
        ("phone-number", "+123456789012345", "+123456789012345"),
        ("phone-number", " +15555550123 ", "+15555550123"),
        ("password-length", "8", 8),
        ("password-length", "256", 256),
        ("password-length", "099", 99),
        ("cleanup-failure", "warning", "warning"),
        ("cleanup-failure", "error", "error"),
        ("attributes", "custom:team=blue", {"custom:team": "blue"}),
        (
            "attributes",
            "\n name = Ada Lovelace \r\n\nwebsite=https://a/?b=c\n",
            {"name": "Ada Lovelace", "website": "https://a/?b=c"},
        ),
        ("attributes", "nickname=", {"nickname": ""}),
        ("attributes", "a" * 32 + "=" + "é" * 2048, {"a" * 32: "é" * 2048}),
        ("attributes", "Email=a\nemails=b", {"Email": "a", "emails": "b"}),
        ("attributes", "custom:é漢+(x)=a b\tc", {"custom:é漢+(x)": "a b\tc"}),
        ("groups", "admins", ("admins",)),
        ("groups", "b,a", ("b", "a")),
        ("groups", " a , b\r\n\nc,,a\n ", ("a", "b", "c")),
        ("groups", ",", ()),
        ("groups", "a" * 128, ("a" * 128,)),
        ("groups", "é/漢=+(x):😀", ("é/漢=+(x):😀",)),
        ("client-id", "a", "a"),
        ("client-id", "Az_09+" + "a" * 122, "Az_09+" + "a" * 122),
        ("client-secret", "Az_09+" + "a" * 18, "Az_09+" + "a" * 18),
        ("client-secret", "a/b+c==", "a/b+c=="),
        ("client-secret", "a" * 256, "a" * 256),
        *(
            ("auth-flow", flow, flow)
            for flow in (
                *("auto", "USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "ADMIN_USER_PASSWORD_AUTH", "none"),
            )
        ),
        ("storage-state-origin", " https://App.Example.com/\n", "https://app.example.com"),
        ("identity-pool-id", f" {IDENTITY_POOL}\n", IDENTITY_POOL),
        ("client-metadata", "source=ci\nsub=free\ncognito:x==", {"source": "ci", "sub": "free", "cognito:x": "="}),
    ],
)
def test_good_value_is_accepted(name: str, text: str, value: Any) -> None:
    """A value just within a limit is read, without the white space around it."""
    assert read(**{**NEEDED.get(name, {}), name: text}).model_dump(by_alias=True)[name] == value


@pytest.mark.parametrize("name", ["mask-username", "cleanup"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("tRuE", True),
        ("false", False),
        ("False", False),
        ("FALSE", False),
    ],
)
def test_boolean_is_true_or_false_in_any_case(name: str, text: str, value: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Only the two words count, not their case."""
    assert read(**{name: text}).model_dump(by_alias=True)[name] is value


@pytest.mark.parametrize("pool_id", ["eu-central_AbC", "EU-central-1_AbC", "local_1a2b3c", "1_x"])
@pytest.mark.parametrize(
    ("role", "region", "problem"),
    [
        (ROLE_ARN, "", "must start with the pool's region, as in eu-central-1_AbCdEfGhI"),
        (ROLE_ARN, "us-east-1", "must start with the pool's region, as in eu-central-1_AbCdEfGhI"),
        ("", "", "does not start with a region"),
        ("", "virginia", "does not start with a region"),
    ],
)
def test_pool_without_a_region_is_refused(pool_id: str, role: str, region: str, problem: str) -> None:
    """AWS's pools have it in their ID; only in a step without a role the pool may be an emulator's."""
    environ = input_variables(user_pool_id=pool_id, role_to_assume=role) | {"AWS_REGION": region}
    with pytest.raises(ActionError) as caught:
        MainInputs.from_environ(environ, lambda *_: None)

    [line] = caught.value.what.splitlines()[1:]
    assert line.startswith(f"- user-pool-id: {problem}")


def test_region_of_an_emulators_pool_is_the_jobs() -> None:
    """Emulators name their pools as they like."""
    environ = input_variables(user_pool_id="local_1a2b3c") | {"AWS_REGION": "us-east-1"}

    assert MainInputs.from_environ(environ, lambda *_: None).pool == PoolAddress("local_1a2b3c", "us-east-1")


def test_region_of_a_pool_of_aws_is_not_the_jobs() -> None:
    """The job's is that of other steps."""
    environ = input_variables(user_pool_id=POOL_ID) | {"AWS_REGION": "us-east-1"}

    assert MainInputs.from_environ(environ, lambda *_: None).pool == PoolAddress(POOL_ID, "eu-central-1")


def test_every_region_of_cognito_is_accepted() -> None:
    """The id of a pool in any region that the SDK knows has the right form."""
    session = botocore.session.Session()
    partitions = session.get_available_partitions()
    regions = {region for name in partitions for region in session.get_available_regions("sts", name)}

    assert len(regions) > 30
    for region in regions - {
        f"aws{part}-global" for part in ("", "-cn", "-us-gov", "-iso", "-iso-b", "-iso-e", "-iso-f", "-eusc")
    }:
        assert read(user_pool_id=f"{region}_AbC").user_pool_id == f"{region}_AbC"


def test_inputs_cannot_be_changed() -> None:
    """What was checked stays as it was."""
    with pytest.raises(ValueError, match="frozen"):
        read().cleanup = False  # type: ignore[misc]


def test_other_variables_are_ignored() -> None:
    """Variables of the runner, and inputs that are not this action's, are left alone."""
    environ = {
        "INPUT_USER-POOL-ID": POOL_ID,
        "INPUT_ARGS": "x",
        "INPUT_ENTRYPOINT": "x",
        "CLEANUP": "false",
        "HOME": "/",
    }

    assert MainInputs.from_environ(environ, no_warning) == read()


# What is refused


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        *(
            (
                "user-pool-id",
                text,
                "must be the ID of a user pool, as in eu-central-1_AbCdEfGhI (not its ARN, not the ID of an app client)",
            )
            for text in (
                "pool",
                "eu-central-1",
                "eu-central-1_",
                "eu-central-1_a b",
                "eu-central-1_a-b",
                "_AbC",
                "us-east-1_é",
                "us-east-1_a\nb",
                "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbC",
                "us-east-1.evil.example/_AbC",
                "us-east-1_" + "a" * 46,
            )
        ),
        *(
            ("role-to-assume", text, "must be the ARN of an IAM role, as in arn:aws:iam::123456789012:role/name")
            for text in (
                "ci",
                ROLE,
                "arn:aws:iam::12345678901:role/a",
                "arn:aws:iam::1234567890123:role/a",
                "arn:aws:iam::123456789012:user/a",
                "arn:aws:iam:us-east-1:123456789012:role/a",
                "arn:azure:iam::123456789012:role/a",
                f"{ROLE}a b",
                f"{ROLE}é",
                f"{ROLE}a\nb",
                f"{ROLE}{'a' * 577}",
            )
        ),
        *(
            ("role-session-name", text, "must be 2 to 64 characters: letters, digits and _+=,.@-")
            for text in ("a", "a" * 65, "a b", "a/b", "é" * 2, "a\nb", "a:b")
        ),
        *(
            ("audience", text, "must be one word of printable ASCII characters")
            for text in ("a b", "é", "a\nb", "a\x7f", "a" * 256)
        ),
        *(
            (
                "email-domain",
                text,
                "must be a domain, as in example.com, of at most 64 characters, or '' for no address",
            )
            for text in (
                ".",
                ".com",
                "example.",
                "a..b",
                "-a.com",
                "a-.com",
                "a_b.com",
                "a b.com",
                "@example.com",
                "me@example.com",
                "exämple.com",
                "a.com\nb",
                "localhost",
                "none",
                "a" * 63,
                "a" * 63 + ".b",
                "a.b.",
                "a.b..c",
                "a.-b",
                "a.b-",
                "a" * 33 + "." + "b" * 31,
            )
        ),
        *(
            (
                "phone-number",
                text,
                "must be a phone number in E.164 form, as in '+15555550123' (quoted, or YAML makes a number of it)",
            )
            for text in (
                "15555550123",
                "+",
                "+1",
                "+05555550123",
                "+1 555",
                "+1-555",
                "+1234567890123456",
                "+\uff11\uff12\uff13",
                "+12\n3",
            )
        ),
        *(
            ("password-length", text, "must be a whole number from 8 to 256")
            for text in ("7", "257", "0", "-8", "8.0", "1e2", "x", "\uff13\uff12", "0x20", "1000", "0032", "1_0")
        ),
        *(
            (name, text, "must be true or false")
            for name in ("mask-username", "cleanup")
            for text in ("yes", "no", "1", "0", "on", "off", "t", "truefalse", "ture", "\uff54\uff52\uff55\uff45")
        ),
        *(
            ("cleanup-failure", text, "must be warning or error")
            for text in ("Warning", "ERROR", "ignore", "true", "warnings", "warning error")
        ),
        *((name, "a=1\nb", "line 2 must have the form name=value") for name in ("attributes", "client-metadata")),
        *(
            (name, " \n\na=1\n =1", "line 4 must have the form name=value")
            for name in ("attributes", "client-metadata")
        ),
        *(
            (name, "a=1\n a =2", "line 2 repeats the name of an earlier line")
            for name in ("attributes", "client-metadata")
        ),
        *(
            (
                "attributes",
                f"name=Ada\n\n{name}=1",
                "line 3: a name has at most 32 characters and no spaces, as in name=Ada or custom:team=blue",
            )
            for name in (
                "a" * 33,
                *("a b", "given name", "a\tb", "a\xa0b", "a\u2003b", "a\u2028b", "a\rb", "a\x0bb"),
                *("a\x00b", "a\x1bb", "a\x7fb", "a\x80b", "a\x9fb"),
            )
        ),
        ("attributes", "name=" + "x" * 2049, "line 1: a value has at most 2048 characters"),
        *(
            ("groups", text, f"group {numbers}: a name has at most 128 characters and no spaces")
            for text, numbers in (
                ("a" * 129, "1"),
                ("a,b c", "2"),
                ("a,,a, \n b c,d,e\tf", "2, 4"),
                *((f"a{character}b", "1") for character in "\r\x00\x1b\x7f\x85\xa0\u2003\u2028\u202e\ue000\udc80"),
            )
        ),
        *(
            ("client-id", text, "must be the ID of an app client: 1 to 128 letters, digits and _+")
            for text in ("a" * 129, "a b", "a-b", "a/b", "é", "a\nb", "\uff11")
        ),
        *(
            ("client-secret", text, "must be the secret of the app client: one word of printable ASCII characters")
            for text in ("a" * 257, "a b", "é", "a\nb", "a\x7f")
        ),
        *(
            (
                "auth-flow",
                text,
                "must be auto, USER_PASSWORD_AUTH, USER_SRP_AUTH, USER_AUTH, ADMIN_USER_PASSWORD_AUTH or none",
            )
            for text in ("Auto", "user_srp_auth", "CUSTOM_AUTH", "None", "ADMIN_NO_SRP_AUTH", "srp")
        ),
        (
            "storage-state-origin",
            "https://app.example.com/path",
            "must be the origin of a web app, without a path, as in https://app.example.com or http://localhost:3000",
        ),
        *(
            ("identity-pool-id", text, f"must be the ID of an identity pool, as in {IDENTITY_POOL}")
            for text in (
                "1a2b3c4d-1111-2222-3333-444455556666",
                "eu-central-1_AbCdEfGhI",
                f"arn:aws:cognito-identity:eu-central-1:123456789012:identitypool/{IDENTITY_POOL}",
                IDENTITY_POOL.upper(),
                f"{IDENTITY_POOL}0",
                f"localhost{IDENTITY_POOL[12:]}",
            )
        ),
        ("attributes", "name=a\udc80", "line 1: a value must be Unicode text, which half a surrogate pair is not"),
        ("attributes", "\na=1\n\nname=" + "x" * 2049, "line 4: a value has at most 2048 characters"),
    ],
)
def test_bad_value_is_refused(name: str, text: str, problem: str) -> None:
    """A value just past a limit, or of another form, is refused with the input's name."""
    assert problems(**{**NEEDED.get(name, {}), name: text}) == [f"- {name}: {problem}"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("sub", "sub can't be set here: Cognito assigns it"),
        ("username", "username can't be set here: the action makes it"),
        ("identities", "identities can't be set here: Cognito assigns it"),
        ("email", "email can't be set here: use the input email-domain"),
        ("email_verified", "email_verified can't be set here: the action sets it with the address"),
        ("phone_number", "phone_number can't be set here: use the input phone-number"),
        ("phone_number_verified", "phone_number_verified can't be set here: the action sets it with the number"),
        ("cognito:user_status", "names that start with cognito: are Cognito's own"),
        ("cognito:", "names that start with cognito: are Cognito's own"),
    ],
)
def test_attribute_that_the_action_sets_points_to_its_input(name: str, why: str) -> None:
    """No one can override what the action sets itself."""
    assert problems(attributes=f"custom:a=1\n {name} = x") == [f"- attributes: line 2: {why}"]


@pytest.mark.parametrize("given", [{}, {"user_pool_id": ""}, {"user_pool_id": " \n"}])
def test_missing_pool_is_reported_as_required(given: dict[str, str]) -> None:
    """The runner does not enforce `required: true`."""
    environ = input_variables(**given)

    with pytest.raises(ActionError) as caught:
        MainInputs.from_environ(environ, no_warning)

    assert caught.value.what == "The step's inputs are invalid:\n- user-pool-id: is required"


@pytest.mark.parametrize(
    ("misspelled", "intended"),
    [
        ("user_pool_id", "user-pool-id"),
        ("userpool-id", "user-pool-id"),
        ("role-to-asume", "role-to-assume"),
        ("email_domain", "email-domain"),
        ("attribute", "attributes"),
        ("password_length", "password-length"),
        ("clean-up", "cleanup"),
        ("mask_username", "mask-username"),
        ("mask-user-name", "mask-username"),
        ("session-name", "role-session-name"),
        ("cleanup-failures", "cleanup-failure"),
    ],
)
def test_misspelled_input_is_a_warning_with_the_intended_one(misspelled: str, intended: str) -> None:
    """The step runs without it, since its variable may be the job's own."""
    [(variable, text)] = job.input_variables({misspelled: "x"}).items()

    inputs, [warning] = read_with_warnings({variable: text})

    assert inputs == read()
    assert warning.split("\n") == [
        "Inputs that the action does not have play no part:",
        f"- {misspelled} (variable {variable}): did you mean {intended}?",
        "If such a name is under `with:`, correct it there. A variable of the job's own (`env:`) can stay as it is.",
    ]


def test_several_unknown_inputs_share_one_warning() -> None:
    """Each variable has its line, in the order of the names, and those after the tenth are counted."""
    _, [few] = read_with_warnings({"INPUT_USER_POOL_ID": "x", "INPUT_user_pool_id": "x", "INPUT_CLEAN_UP": "x"})
    _, [many] = read_with_warnings({f"INPUT_CLEANUP{letter}": "x" for letter in "ABCDEFGHIJKLM"})

    assert few.split("\n")[1:-1] == [
        "- clean_up (variable INPUT_CLEAN_UP): did you mean cleanup?",
        "- user_pool_id (variable INPUT_USER_POOL_ID): did you mean user-pool-id?",
        "- user_pool_id (variable INPUT_user_pool_id): did you mean user-pool-id?",
    ]
    assert many.split("\n")[10:-1] == [
        "- cleanupj (variable INPUT_CLEANUPJ): did you mean cleanup?",
        "- and 3 more",
    ]


@pytest.mark.parametrize("variable", ["INPUT_cleanup", "INPUT_Cleanup", "INPUT_CLEANUp"])
def test_variable_in_another_case_is_no_input(variable: str) -> None:
    """The runner writes the name of an input in capital letters, so the variable is the job's own."""
    inputs, [warning] = read_with_warnings({variable: "no boolean"})

    assert inputs == read()
    assert f"- cleanup (variable {variable}): did you mean cleanup?" in warning


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_empty_variable_is_not_worth_a_warning(text: str) -> None:
    """It would mean nothing under the right name either."""
    assert read_with_warnings({"INPUT_USER_POOL_ID": text}) == (read(), [])


def test_warning_comes_before_an_error() -> None:
    """A required input that is missing may be the one whose name is wrong."""
    warnings: list[str] = []

    with pytest.raises(ActionError, match="user-pool-id: is required"):
        MainInputs.from_environ({"INPUT_USER_POOL_ID": POOL_ID}, lambda text, _: warnings.append(text))

    assert ["did you mean user-pool-id?" in warning for warning in warnings] == [True]


@pytest.mark.parametrize("other", ["username", "password", "pool-id", "email", "role", "token", "origin"])
def test_input_that_resembles_no_other_is_ignored(other: str) -> None:
    """Another word is left to the runner's own warning: a guess at its meaning would mislead."""
    assert read(**{other: "x"}) == read()


BAD = {
    "user_pool_id": f"pool {MARK}",
    "role_to_assume": f"role {MARK}",
    "role_session_name": f"a b {MARK}",
    "audience": f"a b {MARK}",
    "email_domain": f"a b {MARK}",
    "phone_number": MARK,
    "attributes": MARK,
    "groups": f"a b {MARK}",
    "password_length": MARK,
    "client_id": f"a b {MARK}",
    "client_secret": f"a b {MARK}",
    "auth_flow": MARK,
    "client_metadata": MARK,
    "sign_up": MARK,
    "storage_state_origin": MARK,
    "identity_pool_id": MARK,
    "users": MARK,
    "mask_username": MARK,
    "cleanup": MARK,
    "cleanup_failure": MARK,
}


def test_all_bad_inputs_are_reported_at_once() -> None:
    """Every input of the action can be wrong at the same time, and each has its line."""
    assert list(BAD) == [name.replace("-", "_") for name in NAMES]
    lines = problems(**BAD)

    assert [line.removeprefix("- ").partition(":")[0] for line in lines] == NAMES


@pytest.mark.parametrize(
    "bad",
    [
        BAD,
        {"attributes": f"sub={MARK}"},
        {"attributes": f"cognito:{MARK}=1"},
        {"attributes": f"{MARK * 5}=1"},
        {"attributes": f"custom:a={MARK * 500}"},
        {"attributes": f"a={MARK}\na={MARK}"},
        {"client_metadata": f"a={MARK}\n{MARK}"},
        {"client_metadata": f"{MARK}=1\n{MARK}=2"},
        {"client_secret": f"a b {MARK}"},
        {"users": f"a: {{groups: [b c {MARK}], attributes: {{sub: {MARK}, name: {MARK * 500}}}}}"},
        {"users": f"a: *{MARK}"},
        {"users": f"a: &{MARK} b\nc: &{MARK} d"},
        {"users": f"a: !x!{MARK} b"},
        {"users": f"a: !{MARK}! b"},
        {"users": f"a: '{MARK}"},
        {"users": f"a: {MARK}\n  {MARK}: {MARK}"},
    ],
)
def test_report_holds_no_value(bad: dict[str, str]) -> None:
    """A secret in the wrong input appears neither in a text of the error nor in what Python would print of it."""
    with pytest.raises(ActionError) as caught:
        read(**bad)

    error = caught.value
    assert MARK not in error.annotation + error.markdown + repr(error) + "".join(traceback.format_exception(error))


def test_warning_holds_no_value() -> None:
    """A secret under a misspelled name is not shown."""
    _, [warning] = read_with_warnings(input_variables(client_secre=MARK, cleanupp=MARK))

    assert MARK not in warning


def test_inputs_do_not_show_the_client_secret() -> None:
    """Printing the inputs prints no secret."""
    assert SECRET not in repr(read(client_id=CLIENT, client_secret=SECRET))


def test_validation_holds_no_value_either() -> None:
    """Pydantic's own error does not quote the inputs."""
    with pytest.raises(ValidationError) as caught:
        MainInputs.model_validate({name.replace("_", "-"): value for name, value in BAD.items()})

    assert MARK not in str(caught.value)


def test_report_of_everything_fits_in_one_annotation() -> None:
    """No problem is cut off, and no misspelled name: each that resembles an input is at most half as long again."""
    with pytest.raises(ActionError) as caught:
        read(**BAD)
    _, [warning] = read_with_warnings(
        {f"INPUT_{name.upper()}{'x' * n}": "x" for name in NAMES for n in (*range(1, 20), 10**6)}
    )

    assert len(caught.value.annotation) <= MESSAGE_LIMIT
    assert len(warning) <= MESSAGE_LIMIT


@given(st.dictionaries(st.sampled_from(NAMES), ANY_TEXT))
def test_inputs_are_read_or_reported_whatever_they_hold(given: dict[str, str]) -> None:
    """No text raises anything but `ActionError`."""
    environ = input_variables(**given)
    try:
        pool_id = MainInputs.from_environ(environ, no_warning).user_pool_id
    except ActionError as error:
        pool_id, what = "", error.what
    else:
        what = ""

    assert pool_id in given.get("user-pool-id", "")
    assert bool(pool_id) != what.startswith("The step's inputs are invalid:\n- ")


# Which inputs go together

ALONE = "needs client-id, without which no one is signed in"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client-secret", SECRET),
        ("auth-flow", "USER_PASSWORD_AUTH"),
        ("auth-flow", "USER_SRP_AUTH"),
        ("auth-flow", "USER_AUTH"),
        ("auth-flow", "ADMIN_USER_PASSWORD_AUTH"),
        ("storage-state-origin", "https://app.example.com"),
        ("identity-pool-id", IDENTITY_POOL),
    ],
)
def test_input_of_the_sign_in_needs_an_app_client(name: str, text: str) -> None:
    """An author who says how to sign in but not where has forgotten something."""
    assert problems(**{name: text}) == [f"- {name}: {ALONE}"]
    assert problems(**{name: text, "user_pool_id": "x", "cleanup": "x", "client_id": " "})[0] == f"- {name}: {ALONE}"
    assert read(**{name: text}, client_id=CLIENT).client_id == CLIENT


@pytest.mark.parametrize("text", ["true", "True", "TRUE", " true "])
def test_sign_up_needs_an_app_client(text: str) -> None:
    """It is made by one, whether or not anyone is signed in afterwards."""
    missing = "- sign-up: needs client-id, without which no one is signed up"

    assert problems(sign_up=text) == problems(sign_up=text, auth_flow="none") == [missing]
    assert problems(sign_up=text, auth_flow="USER_AUTH") == [f"- auth-flow: {ALONE}", missing]
    assert read(sign_up=text, client_id=CLIENT).sign_up
    assert read(sign_up=text, client_id=CLIENT, auth_flow="none").sign_up


@pytest.mark.parametrize("text", ["false", "False", "FALSE", "fAlSe", " false ", ""])
def test_no_sign_up_needs_no_app_client(text: str) -> None:
    """The runner passes the default, and an expression can make any case of it."""
    assert read(sign_up=text) == read()


@pytest.mark.parametrize("text", ["yes", "1", "x", "falsey"])
def test_sign_up_that_is_neither_is_reported_with_the_missing_app_client(text: str) -> None:
    """Neither problem hides the other."""
    assert problems(sign_up=text) == [
        "- sign-up: needs client-id, without which no one is signed up",
        "- sign-up: must be true or false",
    ]


def test_missing_app_client_is_reported_with_everything_else() -> None:
    """Neither problem hides the other, not even for the same input."""
    lines = problems(client_secret="a b", auth_flow="x", storage_state_origin="x", user_pool_id="x")

    assert lines[:3] == [f"- {name}: {ALONE}" for name in ("client-secret", "auth-flow", "storage-state-origin")]
    assert [line.partition(":")[0] for line in lines[3:]] == [
        "- user-pool-id",
        "- client-secret",
        "- auth-flow",
        "- storage-state-origin",
    ]


def test_default_flow_needs_no_app_client() -> None:
    """The runner passes the default, whether or not anyone is signed in."""
    assert read(auth_flow="auto") == read()
    assert not read(auth_flow="auto").signs_in


def test_secret_named_none_is_a_secret() -> None:
    """Only of `auth-flow` the word means that nothing is asked for."""
    assert problems(client_secret="none") == [f"- client-secret: {ALONE}"]


def test_none_signs_no_one_in() -> None:
    """It is as if there were no app client, which may be there, and may be missing."""
    assert read(client_id=CLIENT).signs_in
    for inputs in (read(auth_flow="none"), read(auth_flow="none", client_id=CLIENT)):
        assert not inputs.signs_in
        assert inputs.operations == ["AdminCreateUser", "AdminSetUserPassword"]
    assert len(read(auth_flow="none", client_id=CLIENT, users=many(50)).user_specs) == 50


def test_what_is_made_of_tokens_needs_a_sign_in() -> None:
    """An author who wants a session and no sign-in has to decide."""
    assert problems(
        auth_flow="none",
        client_id=CLIENT,
        storage_state_origin="https://app.example.com",
        identity_pool_id=IDENTITY_POOL,
    ) == [
        "- storage-state-origin: needs a signed-in user, and auth-flow is none",
        "- identity-pool-id: needs a signed-in user, and auth-flow is none",
    ]


def many(count: int) -> str:
    """The input `users` with `count` users."""
    return "\n".join(f"user {number}:" for number in range(count))


ONE_NUMBER = "- users: 2 users, but phone-number is for one user only, since a number belongs to one"


def test_phone_number_is_for_one_user_only() -> None:
    """Two users can't have the same number, and the error is reported with all others."""
    assert list(read(phone_number="+15555550123", users=many(1)).users) == ["user 0"]
    assert problems(phone_number="+15555550123", users=many(2)) == [ONE_NUMBER]
    assert problems(phone_number="x", users=many(2), cleanup="x")[1:] == [
        ONE_NUMBER,
        "- cleanup: must be true or false",
    ]


@pytest.mark.parametrize("client_id", [CLIENT, "not an id"])
def test_twenty_users_can_be_signed_in(client_id: str) -> None:
    """The tokens of more users would not fit, whether or not the rest is valid."""
    assert len(read(users=many(21)).users) == 21
    assert len(read(users=many(20), client_id=CLIENT).users) == 20
    assert problems(users=many(21), client_id=client_id)[-1] == (
        "- users: 21 users, but at most 20 are possible with client-id: the output users holds the tokens of all, "
        "and a later step can take 128 KiB in one environment variable"
    )


def test_problems_of_users_have_a_line_each() -> None:
    """Each line names the input, and then the user."""
    assert problems(users="a: {role: x}\nb: x") == [
        "- users: a: there is no role; only groups, attributes and create are possible",
        "- users: b: must be empty or a mapping with groups, attributes and create",
    ]


# Which users are created


def test_one_user_has_the_groups_and_attributes_of_the_step() -> None:
    """Without `users` there is one user, whose key is empty."""
    assert read(groups="b,a", attributes="name=Ada").user_specs == {"": UserSpec(("b", "a"), {"name": "Ada"})}


def test_several_users_share_what_the_step_sets_and_add_their_own() -> None:
    """Shared groups come first, none appears twice, and a user's own attribute replaces the shared one."""
    users = """
        admin: {groups: [admins, everybody], attributes: {name: Ada, 'custom:level': 01}}
        viewer:
    """
    inputs = read(groups="everybody, testers", attributes="name=Test\ncustom:team=blue", users=users)

    assert list(inputs.user_specs) == ["admin", "viewer"]
    assert inputs.user_specs == {
        "admin": UserSpec(
            ("everybody", "testers", "admins"), {"name": "Ada", "custom:team": "blue", "custom:level": "01"}
        ),
        "viewer": UserSpec(("everybody", "testers"), {"name": "Test", "custom:team": "blue"}),
    }


def test_user_whom_nobody_creates_gets_nothing_of_the_step() -> None:
    """What all users share is for those who are created."""
    users = """
        admin: {groups: [admins]}
        form: {create: false}
    """

    assert read(groups="everybody", attributes="name=Test", users=users).user_specs == {
        "admin": UserSpec(("everybody", "admins"), {"name": "Test"}),
        "form": UserSpec(create=False),
    }


# What they need

CREATED = ["AdminCreateUser", "AdminSetUserPassword"]
SIGNED_UP = ["AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminInitiateAuth"]
GROUP = "AdminAddUserToGroup"
AUTH = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"]
RESPOND = "AdminRespondToAuthChallenge"
FORM = "form: {create: false}"


@pytest.mark.parametrize(
    ("given", "operations"),
    [
        ({}, CREATED),
        ({"groups": "a"}, [*CREATED, GROUP]),
        ({"client_id": CLIENT}, [*CREATED, *AUTH]),
        ({"client_id": CLIENT, "auth_flow": "USER_SRP_AUTH"}, CREATED),
        ({"client_id": CLIENT, "auth_flow": "ADMIN_USER_PASSWORD_AUTH", "groups": "a"}, [*CREATED, GROUP, *AUTH]),
        ({"client_id": CLIENT, "sign_up": "false", "auth_flow": "none"}, CREATED),
        ({"client_id": CLIENT, "sign_up": "true", "auth_flow": "none"}, SIGNED_UP),
        ({"client_id": CLIENT, "sign_up": "true", "auth_flow": "USER_PASSWORD_AUTH"}, SIGNED_UP),
        ({"client_id": CLIENT, "sign_up": "true"}, [*SIGNED_UP, RESPOND]),
        (
            {"client_id": CLIENT, "sign_up": "true", "auth_flow": "none", "email_domain": ""},
            ["AdminConfirmSignUp", "AdminInitiateAuth"],
        ),
        ({"client_id": CLIENT, "sign_up": "true", "auth_flow": "ADMIN_USER_PASSWORD_AUTH"}, [*SIGNED_UP, RESPOND]),
        ({"client_id": CLIENT, "sign_up": "true", "groups": "a"}, [*SIGNED_UP, GROUP, RESPOND]),
        ({"users": f"a:\n{FORM}"}, CREATED),
        ({"users": f"a: {{groups: [b]}}\n{FORM}"}, [*CREATED, GROUP]),
        ({"users": f"a:\n{FORM}", "groups": "b"}, [*CREATED, GROUP]),
        ({"users": f"a:\n{FORM}", "client_id": CLIENT, "sign_up": "true"}, [*SIGNED_UP, RESPOND]),
        ({"users": FORM}, []),
        ({"users": FORM, "groups": "b"}, []),
        ({"users": f"{FORM}\nother {FORM}", "client_id": CLIENT, "sign_up": "true", "groups": "b"}, []),
    ],
    ids=str,
)
def test_session_may_make_the_calls_that_the_inputs_lead_to(given: dict[str, str], operations: list[str]) -> None:
    """Each once, and none if nobody is created; the public calls need no permission."""
    assert read(**given).operations == operations


@pytest.mark.parametrize("given", [{}, {"groups": "a"}, {"users": FORM}, {"client_id": CLIENT}])
def test_permissions_of_a_creation_are_those_that_every_step_needs(given: dict[str, str]) -> None:
    """A statement to paste has them all, so that neither the next call nor post is refused."""
    assert list(read(**given).permissions) == [*CREATED, "AdminDeleteUser"]


def test_user_to_sign_up_by_number_needs_an_address() -> None:
    """Nothing else tells the user from someone who has the number; without a number, its name does."""
    [problem] = problems(users=FORM, phone_number="+15555550123", email_domain="")

    assert problem.startswith("- users: form: with create: false and phone-number, the address is needed")
    assert read(users=FORM, email_domain="").user_specs["form"].create is False
    assert read(users=FORM, phone_number="+15555550123").user_specs["form"].create is False


@pytest.mark.parametrize("given", [{}, {"groups": "a"}, {"auth_flow": "none"}])
def test_permissions_of_a_sign_up_are_its_own(given: dict[str, str]) -> None:
    """A role for sign-ups need not be able to create users, or to set a password."""
    permissions = list(read(client_id=CLIENT, sign_up="true", **given).permissions)

    assert permissions == [*SIGNED_UP, "AdminDeleteUser"]
    assert not {*CREATED} & {*permissions}


IMPORTS = """
import sys
from cognito_action.inputs.main import MainInputs
MainInputs.from_environ({"INPUT_USER-POOL-ID": "eu-central-1_AbCdEfGhI", "INPUT_USERS": sys.argv[1]}, print)
print("yaml" in sys.modules)
"""


@pytest.mark.parametrize(("users", "imported"), [("", "False"), ("a:", "True")])
def test_yaml_is_imported_only_for_several_users(users: str, imported: str) -> None:
    """A step without them does not pay for the import."""
    process = subprocess.run(
        [sys.executable, "-c", IMPORTS, users], check=True, capture_output=True, text=True, timeout=60, cwd=ROOT
    )

    assert process.stdout.strip() == imported


# Where the limits come from


def test_pool_id_is_as_long_as_cognito_allows() -> None:
    """Cognito's service model says 55 characters."""
    longest = limit("cognito-idp", "UserPoolIdType", "max")

    assert longest == 55
    assert read(user_pool_id="us-east-1_".ljust(longest, "a")).user_pool_id == "us-east-1_" + "a" * 45
    assert problems(user_pool_id="us-east-1_".ljust(longest + 1, "a"))


def test_attributes_are_as_long_as_cognito_allows() -> None:
    """Cognito's service model says 32 characters for a name and 2048 for a value."""
    name, value = limit("cognito-idp", "AttributeNameType", "max"), limit("cognito-idp", "AttributeValueType", "max")

    assert (name, value) == (32, 2048)
    assert read(attributes=f"{'a' * name}={'b' * value}").attributes == {"a" * 32: "b" * 2048}
    assert problems(attributes=f"{'a' * (name + 1)}={'b' * value}")
    assert problems(attributes=f"{'a' * name}={'b' * (value + 1)}")


def test_password_is_as_long_as_cognito_allows() -> None:
    """Cognito's service model says 256 characters, and 99 for the longest minimum of a policy."""
    longest = limit("cognito-idp", "PasswordType", "max")

    assert longest == 256
    assert read(password_length=str(longest)).password_length == 256
    assert problems(password_length=str(longest + 1))
    assert limit("cognito-idp", "PasswordPolicyMinLengthType", "max") == LONGEST_MINIMUM


def test_groups_and_app_client_are_as_long_as_cognito_allows() -> None:
    """The bounds and patterns of Cognito's service model match the code, and all of its secrets are accepted."""
    shapes = ("GroupNameType", "ClientIdType", "ClientSecretType")
    bounds = [tuple(limit("cognito-idp", shape, bound) for bound in ("min", "max", "pattern")) for shape in shapes]

    assert bounds == [(1, 128, r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"), (1, 128, r"[\w+]+"), (24, 64, r"[\w+]+")]
    assert read(groups="a" * 128, client_id="a" * 128, client_secret="a" * 64).client_secret == "a" * 64


@pytest.mark.parametrize("flow", FLOWS)
def test_flows_are_those_of_cognito(flow: str) -> None:
    """Cognito's service model has each of them."""
    assert flow in limit("cognito-idp", "AuthFlowType", "enum")


def test_session_name_is_as_long_as_sts_allows() -> None:
    """The service model of STS says 2 to 64 characters."""
    shortest, longest = limit("sts", "roleSessionNameType", "min"), limit("sts", "roleSessionNameType", "max")

    assert (shortest, longest) == (2, 64)
    assert read(role_session_name="a" * shortest).role_session_name == "aa"
    assert read(role_session_name="a" * longest).role_session_name == "a" * 64
    assert problems(role_session_name="a" * (shortest - 1))
    assert problems(role_session_name="a" * (longest + 1))


def test_longest_address_is_a_user_name() -> None:
    """A generated name of 57 characters, `@` and the longest domain stay within Cognito's 128."""
    assert limit("cognito-idp", "UsernameType", "max") == 128
    assert MAX_DOMAIN_LENGTH == 64
    assert 57 + len("@") + MAX_DOMAIN_LENGTH <= 128


def test_session_is_as_short_as_sts_allows() -> None:
    """The service model of STS says at least 900 seconds."""
    assert limit("sts", "roleDurationSecondsType", "min") == SESSION_SECONDS


def test_longest_token_that_sts_accepts_is_read() -> None:
    """The part of GitHub's answer that is read can hold the longest token."""
    assert limit("sts", "clientTokenType", "max") == 20_000
    assert MAX_ANSWER > 20_000
