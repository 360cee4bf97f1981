"""The endpoints: read once from all that may set them, and handed on as plain settings."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session

from cognito_action.aws.endpoints import PROFILE, Endpoints, aws_urls, may_be_unusual
from cognito_action.aws.sdk import isolated_session
from cognito_action.network.endpoint import Endpoint

NONE = Endpoints(cognito_idp="", sts="", fips=False, dual_stack=False)

ALL = "AWS_ENDPOINT_URL"

EVERYWHERE = Endpoints(
    *("http://a", "http://a"),
    fips=False,
    dual_stack=False,
    cognito_idp_source=ALL,
    sts_source=ALL,
    cognito_identity="http://a",
    cognito_identity_source=ALL,
)

COGNITO = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
STS = "AWS_ENDPOINT_URL_STS"
IDENTITY = "AWS_ENDPOINT_URL_COGNITO_IDENTITY"


def profile(folder: Path, text: str) -> str:
    """A file of the job with profiles."""
    path = folder / "config"
    path.write_text(text)
    return str(path)


def test_endpoints_are_those_of_aws_by_default() -> None:
    """No session knows any other."""
    assert Endpoints.from_session(isolated_session()) == Endpoints.from_session(Session()) == NONE


@pytest.mark.parametrize("session", [isolated_session, Session])
@pytest.mark.parametrize(
    ("variables", "endpoints"),
    [
        ({"AWS_ENDPOINT_URL": "http://a"}, EVERYWHERE),
        ({COGNITO: "http://a"}, replace(NONE, cognito_idp="http://a", cognito_idp_source=COGNITO)),
        ({STS: "http://a"}, replace(NONE, sts="http://a", sts_source=STS)),
        ({IDENTITY: "http://a"}, replace(NONE, cognito_identity="http://a", cognito_identity_source=IDENTITY)),
        (
            {"AWS_ENDPOINT_URL": "http://a", STS: "http://b"},
            replace(EVERYWHERE, sts="http://b", sts_source=STS),
        ),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, NONE),
        (
            {"AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
            EVERYWHERE,
        ),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, Endpoints("", "", fips=True, dual_stack=False)),
        ({"AWS_USE_FIPS_ENDPOINT": "false", "AWS_USE_DUALSTACK_ENDPOINT": "false"}, NONE),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "TRUE"}, Endpoints("", "", fips=False, dual_stack=True)),
    ],
)
def test_endpoints_are_those_of_the_variables(
    monkeypatch: pytest.MonkeyPatch, session: Callable[[], Session], variables: dict[str, str], endpoints: Endpoints
) -> None:
    """The variables mean what they mean to the SDK, with a role and without."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Endpoints.from_session(session()) == endpoints


def test_endpoints_of_a_profile_are_read_without_a_role(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The job chose the profile; with a role, files that earlier steps can write play no part."""
    text = (
        "[profile job]\nuse_fips_endpoint = true\nservices = mine\n"
        "[services mine]\ncognito_identity_provider =\n  endpoint_url = http://a\nsts =\n  endpoint_url = http://b\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", profile(tmp_path, text))
    monkeypatch.setenv("AWS_PROFILE", "job")

    assert Endpoints.from_session(Session()) == Endpoints(
        "http://a", "http://b", fips=True, dual_stack=False, cognito_idp_source=PROFILE, sts_source=PROFILE
    )
    assert Endpoints.from_session(isolated_session()) == NONE


@pytest.mark.parametrize(
    ("services", "message"),
    [("", '"mine" services configuration does not exist'), ("[services mine]\nsts = http://b\n", "settings for sts")],
)
def test_profile_that_contradicts_itself_is_the_sdks_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, services: str, message: str
) -> None:
    """It names services that are not there, or does not say what they are; neither is a bug of the action."""
    monkeypatch.setenv("AWS_CONFIG_FILE", profile(tmp_path, f"[profile job]\nservices = mine\n{services}"))
    monkeypatch.setenv("AWS_PROFILE", "job")

    with pytest.raises(BotoCoreError, match=message):
        Endpoints.from_session(Session())


def test_settings_say_all_that_the_sdk_would_look_for() -> None:
    """A client takes no endpoint from anywhere else, also if there is none of its own."""
    endpoints = Endpoints(
        "http://a",
        "http://b",
        fips=True,
        dual_stack=False,
        cognito_idp_source=COGNITO,
        sts_source=STS,
        cognito_identity="http://c",
        cognito_identity_source=IDENTITY,
    )

    assert endpoints.of("cognito-identity") == Endpoint("http://c", IDENTITY, "AWS_USE_FIPS_ENDPOINT")
    assert endpoints.of("cognito-idp") == Endpoint("http://a", COGNITO, "AWS_USE_FIPS_ENDPOINT")
    assert endpoints.of("sts") == Endpoint("http://b", STS, "AWS_USE_FIPS_ENDPOINT")
    assert replace(endpoints, fips=False, dual_stack=True).of("sts").variant == "AWS_USE_DUALSTACK_ENDPOINT"
    assert replace(endpoints, fips=False).of("sts").variant == ""
    assert endpoints.config == {
        "ignore_configured_endpoint_urls": True,
        "use_fips_endpoint": True,
        "use_dualstack_endpoint": False,
    }


def test_settings_are_plain_data() -> None:
    """Main hands them to post as JSON."""
    endpoints = Endpoints("http://a", "", fips=False, dual_stack=True)

    assert Endpoints(**json.loads(json.dumps(asdict(endpoints)))) == endpoints


# The usual hosts, which are known without the SDK


def regions() -> list[str]:
    """Two of each partition, and some that are not known yet."""
    partitions = Loader().load_data("endpoints")["partitions"]
    known = [region for each in partitions for region in [*each["regions"]][:2]]
    return [*known, "eu-north-9", "cn-east-9", "us-gov-south-9"]


@pytest.mark.parametrize("region", regions())
def test_usual_urls_are_those_of_the_sdk(region: str) -> None:
    """In each region whose hosts are known at all, so that a connection that is opened early is the right one."""
    urls = aws_urls(region)

    assert len(urls) == 2 or region.startswith(("eusc-", "us-iso", "eu-iso"))
    for service, url in zip(("sts", "cognito-idp"), urls, strict=False):
        client = isolated_session().create_client(
            service,
            region,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=Config(retries={"mode": "standard"}),
        )
        assert client.meta.endpoint_url == url


@pytest.mark.parametrize("region", ["", "localhost", "eu_central_1", "eu-central-1.example.com/"])
def test_there_is_no_usual_url_of_what_is_no_region(region: str) -> None:
    """The step says later what is wrong."""
    assert aws_urls(region) == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"AWS_ENDPOINT_URL": ""}, False),
        ({"AWS_ENDPOINT_URL": "http://a"}, True),
        ({STS: "http://a"}, True),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, True),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, True),
    ],
)
def test_variables_that_may_lead_elsewhere(variables: dict[str, str], *, expected: bool) -> None:
    """Also those that turn out not to: it is enough that nobody connects to the wrong host."""
    assert may_be_unusual(variables) is expected


def test_endpoints_without_settings_are_the_usual_ones() -> None:
    """Any one of them makes a difference."""
    assert NONE.are_usual
    assert not any(
        replace(NONE, **change).are_usual
        for change in (
            {"cognito_idp": "http://a"},
            {"sts": "http://a"},
            {"fips": True},
            {"dual_stack": True},
        )
    )
