"""The recipe for emulators: the action in a job with services, each reached by its label, in the image and as it is."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import boto3
import pytest

from tests.support.emulators import (
    LOCAL_POOL,
    Network,
    Service,
    cognito_local_service,
    emulators_image,
    ministack_service,
    moto_service,
    network,
)
from tests.support.node import require_packages
from tests.support.recipes import recipe
from tools.emulator.account import Account
from tools.emulator.aws import REGION
from tools.emulator.container import DockerJob, docker
from tools.emulator.github import token_service
from tools.emulator.job import Stage

NewJob = Callable[[Mapping[str, str]], DockerJob]


@pytest.fixture(scope="module")
def emulators(image: str) -> Iterator[str]:  # noqa: ARG001 - it comes first, since both are built from one base
    with emulators_image() as tag:
        yield tag


@pytest.fixture
def on() -> Iterator[Network]:
    with network() as made:
        yield made


@pytest.fixture
def new_job(tmp_path: Path, image: str, on: Network) -> Iterator[NewJob]:
    """Creates a job whose containers are on the network."""
    jobs: list[DockerJob] = []

    def create(environ: Mapping[str, str]) -> DockerJob:
        folder = tmp_path / f"job-{len(jobs)}"
        folder.mkdir()
        job = DockerJob(folder, environ, image)
        job.network = on.name
        jobs.append(job)
        return job

    yield create
    for job in jobs:
        docker("rm", "--force", *job.containers, check=False)


def step(label: str) -> tuple[dict[str, str], dict[str, str]]:
    """The `env:` and the `with:` of the recipe's step for the emulator with this label."""
    [found] = [each for each in recipe("emulator").steps if f"http://{label}:" in each["env"]["AWS_ENDPOINT_URL"]]
    return found["env"], found["with"]


def lives(job: DockerJob, inputs: Mapping[str, str], **environ: str) -> Stage:
    """Run the step and, at the end of the job, its post step; both have to succeed. Return what main left."""
    main = job.main(inputs, **environ)
    assert (main.exit_code, main.annotations) == (0, []), main.log
    post = job.post()
    assert (post.exit_code, post.annotations) == (0, []), post.log
    assert f"Deleted user {main.outputs['sub']}." in post.log
    return main


def root(service: Service) -> Account:
    """The emulator's account, as this machine reaches it."""
    return Account(service.url)


def test_ministack_without_a_role(new_job: NewJob, emulators: str, on: Network) -> None:
    """The emulator's root keys are in the step's environment, as in the recipe."""
    environ, inputs = step("aws")
    with ministack_service(emulators, on) as service:
        pool = root(service).create_pool()
        app_client = root(service).create_app_client(pool, "ALLOW_USER_SRP_AUTH")

        main = lives(new_job(environ), {**inputs, "user-pool-id": pool, "client-id": app_client})

        assert main.outputs["access-token"]

        assert root(service).users(pool) == []


@pytest.mark.parametrize("emulator", ["ministack", "moto"])
def test_role_of_an_emulator(new_job: NewJob, emulators: str, on: Network, emulator: str) -> None:
    """Both have STS: the job's own token is exchanged for the role's session."""
    run = {"ministack": ministack_service, "moto": moto_service}[emulator]
    with run(emulators, on) as service, token_service(host=on.gateway) as github:
        account = root(service)
        pool = account.create_pool()
        account.create_provider()
        role = account.create_role("ci", pool)
        job = new_job({**github.environ, "AWS_ENDPOINT_URL": service.url_in_job})

        lives(job, {"user-pool-id": pool, "role-to-assume": role})

        assert account.users(pool) == []


def test_moto_without_a_role(new_job: NewJob, emulators: str, on: Network) -> None:
    """Any keys will do."""
    with moto_service(emulators, on) as service:
        pool = root(service).create_pool()
        app_client = root(service).create_app_client(pool, "ALLOW_USER_PASSWORD_AUTH")
        environ = {**step("aws")[0], "AWS_ENDPOINT_URL": service.url_in_job}

        main = lives(
            new_job(environ), {"user-pool-id": pool, "client-id": app_client, "auth-flow": "USER_PASSWORD_AUTH"}
        )

        assert main.outputs["access-token"]

        assert root(service).users(pool) == []


def test_cognito_local_without_a_role(new_job: NewJob, emulators: str, on: Network, tmp_path: Path) -> None:
    """Its pools' IDs have no region, which `AWS_REGION` names; post uses main's, whatever the job sets later."""
    require_packages()
    environ, inputs = step("cognito")
    with cognito_local_service(emulators, on, tmp_path / "files") as service:
        client = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=service.url,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        app_client = client.create_user_pool_client(UserPoolId=LOCAL_POOL, ClientName="ci")["UserPoolClient"][
            "ClientId"
        ]
        job = new_job(environ)
        main = job.main(
            {
                **inputs,
                "user-pool-id": LOCAL_POOL,
                "client-id": app_client,
                "auth-flow": "USER_PASSWORD_AUTH",
                "email-domain": "",
            }
        )
        assert main.outputs["access-token"]
        assert (main.exit_code, main.annotations) == (0, []), main.log
        post = job.post(AWS_REGION="", AWS_ENDPOINT_URL="http://elsewhere:1")

        assert (post.exit_code, post.annotations) == (0, []), post.log
        assert f"Deleted user {main.outputs['sub']}." in post.log
        assert client.list_users(UserPoolId=LOCAL_POOL)["Users"] == []


def test_localhost_in_a_job_with_services(new_job: NewJob, emulators: str, on: Network) -> None:
    """It is the action's own container: said at once, and what the error proposes works."""
    environ, inputs = step("aws")
    with ministack_service(emulators, on) as service:
        pool = root(service).create_pool()
        inputs = {**inputs, "user-pool-id": pool}
        job = new_job({**environ, "AWS_ENDPOINT_URL": "http://localhost:4566"})

        main = job.main(inputs)

        [annotation] = main.annotations
        assert (main.exit_code, "trying again" in main.stdout) == (1, False)
        assert "In `AWS_ENDPOINT_URL`, `localhost` is the action's own container" in annotation.message
        assert "`http://<label>:4566`" in annotation.message
        lives(job, inputs, AWS_ENDPOINT_URL="http://aws:4566")
