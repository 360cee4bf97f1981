"""The SDK in the image lacks most of its data, but does the same as the complete one that the tests have."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.loaders import Loader
from botocore.session import Session

from tests.support.world import World
from tools.emulator.container import DockerJob
from tools.emulator.http import Answer, Request, serving
from tools.image.trim_sdk import OPERATIONS

ADDRESSES = """
import json, os, sys
from cognito_action.aws.sdk import Sdk, isolated_session
from cognito_action.network.connections import Network
from cognito_action.retry import Limits, Retry

sent = []

def capture(request, **_):
    sent.append([request.url, request.headers.get("Authorization", b"").decode().partition("Credential=")[2][10:60]])
    raise ValueError

calls = (
    ("cognito-idp", "list_users", {"UserPoolId": "us-east-1_A"}),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::123456789012:role/a", "RoleSessionName": "s"}),
    ("cognito-identity", "delete_identities", {"IdentityIdsToDelete": ["us-east-1:1"]}),
)
found = {}
keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
sdk = Sdk(isolated_session(), Network({}), Retry(Limits(600), lambda _: None))
for region in json.load(sys.stdin):
    for service, operation, parameters in calls:
        try:
            client = sdk.client(service, region, **keys)
            sent.append(client.meta.partition)
            client.meta.events.register_first("before-send", capture)
            getattr(client, operation)(**parameters)
        except Exception as error:
            sent.append(type(error).__name__)
        found[f"{service} {region}"] = [*sent]
        sent.clear()
print(json.dumps(found))
"""

CREDENTIALS = """
from botocore.session import Session
found = Session().get_credentials().get_frozen_credentials()
print(found.access_key, found.secret_key, found.token)
"""

DATA = """
import botocore, gzip, json, pathlib
data = pathlib.Path(botocore.__file__).parent / "data"
read = lambda path: gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
print(json.dumps({str(path.relative_to(data)): json.loads(read(path)) for path in data.rglob("*") if path.is_file()}))
"""

SERVICES = """
import json
from botocore.session import Session
print(json.dumps(Session().get_available_services()))
"""

EXPIRES = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Both:
    """One program, run by the image's Python and by the tests' Python."""

    image: str

    def in_image(self, script: str, environ: Mapping[str, str], stdin: str = "", folder: Path | None = None) -> str:
        options = [part for name, value in environ.items() for part in ("-e", f"{name}={value}")]
        if folder:
            own = shutil.copytree(folder, folder.with_name(f"{folder.name}-in-image"))  # the SDK writes to its cache
            options += ["-v", f"{own}:{folder}"]
        command = ["docker", "run", "--rm", "-i", "--network", "host", *options, "--entrypoint", "/venv/bin/python"]
        return _stdout([*command, self.image, "-I", "-c", script], stdin)

    def __call__(
        self, script: str, environ: Mapping[str, str], stdin: str = "", folder: Path | None = None
    ) -> tuple[str, str]:
        """Its output in the image, and here."""
        here = {"PATH": os.environ["PATH"], **environ}
        return self.in_image(script, environ, stdin, folder), _stdout([sys.executable, "-c", script], stdin, here)


def _stdout(command: list[str], stdin: str, environ: Mapping[str, str] | None = None) -> str:
    process = subprocess.run(command, input=stdin, env=environ, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture
def both(image: str) -> Both:
    return Both(image)


def _regions() -> list[str]:
    partitions = Loader().load_data("endpoints")["partitions"]
    known = [region for partition in partitions for region in partition["regions"]]
    assert len(known) > 30
    return [*known, "eu-north-9", "us-gov-south-9", "cn-east-9", "eusc-fr-west-9"]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_ENDPOINT_URL": "http://aws.test:1"},
        {"AWS_ENDPOINT_URL_STS": "http://sts.test:1"},
        {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://cognito.test:1"},
        {"AWS_ENDPOINT_URL_COGNITO_IDENTITY": "http://identity.test:1"},
    ],
)
def test_requests_go_to_the_same_addresses(both: Both, environ: Mapping[str, str]) -> None:
    """In each region of each partition, and in some that are not known yet, with the same signing scope."""
    regions = _regions()

    image, here = (json.loads(text) for text in both(ADDRESSES, environ, json.dumps(regions)))

    assert image == here
    assert len(image) == 3 * len(regions)
    assert {partition for partition, *_ in image.values()} > {"aws", "aws-cn", "aws-us-gov"}


def test_service_descriptions_are_unchanged(both: Both) -> None:
    """Each remaining operation has the same input, output and errors, down to their last member, and everything else
    that the SDK reads of a service is the same."""
    image, here = (json.loads(text) for text in both(DATA, {}))

    assert {path.partition("/")[0] for path in image if "/" in path} == set(OPERATIONS)
    for path, content in image.items():
        service, _, file = path.partition("/")
        if file.endswith("/service-2.json.gz"):
            assert set(content["operations"]) == OPERATIONS[service]
            for name, operation in content["operations"].items():
                assert _resolved(operation, content) == _resolved(here[path]["operations"][name], here[path])
        elif path != "endpoints.json":
            assert content == here[path], path
    left_out = {path for path in here if path not in image and path.partition("/")[0] in OPERATIONS}
    assert {path.rpartition("/")[2].partition(".")[0] for path in left_out} <= {"examples-1"}


def _resolved(content: Any, service: Any, above: tuple[str, ...] = ()) -> Any:
    """A description with each shape in place of its name, and without documentation."""
    match content:
        case {"shape": str(name), **rest}:
            if name in above:
                return name
            return {**_resolved(rest, service, above), **_resolved(service["shapes"][name], service, (*above, name))}
        case dict():
            return {
                key: _resolved(value, service, above)
                for key, value in content.items()
                if key != "documentation" or not isinstance(value, str)
            }
        case list():
            return [_resolved(value, service, above) for value in content]
    return content


# The search for credentials


def _respond(request: Request) -> Answer:
    """Whichever part of AWS is asked for credentials returns some that name their source."""
    form = parse_qs(request.body.decode()) if request.body.startswith(b"Action=") else {}
    if action := form.get("Action", [""])[0]:
        body = (
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
            f"<AccessKeyId>AKIA-{action}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            f"<Expiration>{EXPIRES}</Expiration></Credentials></{action}Result></{action}Response>"
        )
        return Answer(200, body.encode(), {"Content-Type": "text/xml"})
    keys = {"AccessKeyId": "AKIA", "SecretAccessKey": "s", "Token": "t", "Expiration": EXPIRES, "Code": "Success"}
    path = request.path.partition("?")[0]
    answers: Mapping[str, Any] = {
        "/container": {**keys, "AccessKeyId": "AKIA-container"},
        "/latest/meta-data/iam/security-credentials/": "role",
        "/latest/meta-data/iam/security-credentials/role": {**keys, "AccessKeyId": "AKIA-machine"},
        "/latest/api/token": "token",
        "/federation/credentials": {
            "roleCredentials": {
                "accessKeyId": f"AKIA-{request.headers.get('X-Amz-Sso_Bearer_Token')}",
                "secretAccessKey": "s",
                "sessionToken": "t",
                "expiration": 4_000_000_000_000,
            }
        },
        "/token": {"accessToken": "renewed", "expiresIn": 3600, "tokenType": "Bearer"},
    }
    answer = answers.get(path)
    if answer is None:
        return Answer(404, b"{}")
    return Answer(200, answer.encode() if isinstance(answer, str) else json.dumps(answer).encode())


@pytest.fixture
def aws() -> Iterator[str]:
    with serving(_respond) as url:
        yield url


CONFIG = """
[profile role]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = keys
[profile keys]
aws_access_key_id = AKIA-keys
aws_secret_access_key = s
aws_session_token = t
[profile process]
credential_process = python -I {folder}/process.py
[profile sso]
sso_start_url = https://sso.test/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = role
[profile sso-session]
sso_session = corporate
sso_account_id = 123456789012
sso_role_name = role
[sso-session corporate]
sso_start_url = https://sso.test/start
sso_region = us-east-1
"""

PROCESS = '{"Version": 1, "AccessKeyId": "AKIA-process", "SecretAccessKey": "s", "SessionToken": "t"}'
"""What a program for credentials prints. In the image, Python is the only one."""

PLACES = {
    "environment": {"AWS_ACCESS_KEY_ID": "AKIA-environment", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"},
    "keys": {"AWS_PROFILE": "keys"},
    "AssumeRole": {"AWS_PROFILE": "role"},
    "AssumeRoleWithWebIdentity": {
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/a",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "{folder}/token",
    },
    "process": {"AWS_PROFILE": "process"},
    "cached": {"AWS_PROFILE": "sso"},
    "renewed": {"AWS_PROFILE": "sso-session"},
    "container": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{aws}/container"},
    "machine": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{aws}/"},
}


@pytest.mark.parametrize("place", PLACES)
def test_credentials_are_found_in_each_place(both: Both, aws: str, tmp_path: Path, place: str) -> None:
    """Wherever the SDK looks for them, and whichever service it has to ask."""
    (tmp_path / "config").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "process.py").write_text(f"print({PROCESS!r})")
    (tmp_path / "token").write_text("a.b.c")
    cache = tmp_path / ".aws/sso/cache"
    cache.mkdir(parents=True)
    start = {"startUrl": "https://sso.test/start", "region": "us-east-1"}
    registered = {"clientId": "c", "clientSecret": "s", "registrationExpiresAt": EXPIRES, "refreshToken": "r"}
    cached = {"accessToken": "cached", "expiresAt": EXPIRES, **start}
    expired = {**start, **registered, "accessToken": "old", "expiresAt": "2020-01-01T00:00:00Z"}
    for key, content in (("https://sso.test/start", cached), ("corporate", expired)):
        (cache / f"{hashlib.sha1(key.encode()).hexdigest()}.json").write_text(json.dumps(content))
    environ = {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": aws,
        "AWS_DEFAULT_REGION": "us-east-1",
        **{name: value.format(folder=tmp_path, aws=aws) for name, value in PLACES[place].items()},
    }

    image, here = both(CREDENTIALS, environ, "", tmp_path)

    assert image == here == f"AKIA-{place} s t\n"


def test_every_service_that_the_sdk_asks_for_credentials_is_there(both: Both) -> None:
    """All but one, for which the SDK needs a package that the image does not have."""
    source = Path(sys.modules[Session.__module__].__file__ or "").parent
    makes_a_client = re.compile(r"""(?:client_creator|create_nested_client)\([^()'"]*['"]([\w-]+)['"]""")
    asked = {
        name
        for file in ("credentials.py", "tokens.py")
        for name in makes_a_client.findall((source / file).read_text(encoding="utf-8"))
    }

    left = json.loads(both.in_image(SERVICES, {}))

    assert asked == {"sts", "sso", "sso-oidc", "signin"}
    assert set(left) == set(OPERATIONS) == {"cognito-idp", "cognito-identity", *asked} - {"signin"}


# Proxies


def test_step_goes_through_a_proxy(world: World, job: DockerJob) -> None:
    """All requests, GitHub's and AWS's, with the variables that self-hosted runners set."""
    pool = world.pool()
    asked: list[str] = []

    def respond(request: Request) -> Answer | None:
        host = request.path.split("/")[2]
        asked.append(host)
        path = "/" + request.path.split("/", 3)[3]
        inner = Request(request.method, path, request.headers, request.body)
        return world.github.grant(inner) if host == "github.test" else world.aws.handle(inner)

    with serving(respond) as proxy:
        job.environ = {
            **world.environ,
            "http_proxy": proxy,
            "ACTIONS_ID_TOKEN_REQUEST_URL": "http://github.test/token?api-version=2.0",
            "AWS_ENDPOINT_URL": "http://aws.test",
        }
        main = job.main(world.inputs(pool))
        post = job.post()

    assert (main.exit_code, post.exit_code, post.annotations) == (0, 0, []), main.log
    assert asked == ["github.test", "aws.test", "aws.test", "aws.test", "github.test", "aws.test", "aws.test"]
    assert world.account.users(pool) == []
