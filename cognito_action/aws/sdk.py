"""The AWS SDK as the action uses it: no retries and no connections of its own; with a role, nothing that others set."""

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.responses import SDK_ERRORS, call_error, validate_responses
from cognito_action.aws.transport import send_through
from cognito_action.diagnostics.ambient import sdk_misconfigured
from cognito_action.errors import CallError
from cognito_action.network.connections import Network
from cognito_action.network.endpoint import AWS
from cognito_action.retry import BeforeAttempt, Retry

Result = TypeVar("Result")

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    user_agent_extra="cognito-test-user",
)
"""The SDK retries nothing: whether an attempt without an answer took effect decides what the action may do next, and the
SDK keeps that to itself."""

SETUP = "The setup of the AWS SDK"

_OF_THE_NETWORK = ("use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls")
"""The SDK's settings that a job's variables are meant to change; with the URLs of endpoints, proxies and CA files."""


def isolated_session() -> Session:
    """A session that reads neither files, which earlier steps can write, nor the other `AWS_*` variables of the job."""
    session = Session(
        session_vars={
            **{
                name: (None, None, default, conversion)
                for name, (_, _, default, conversion) in Session.SESSION_VARIABLES.items()
                if name not in _OF_THE_NETWORK
            },
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    session.register_component(
        "data_loader", Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    )
    return session


class Sdk:
    """Makes clients of a session whose requests go through `network`, to `endpoints` or to those that are set now."""

    def __init__(self, session: Session, network: Network, retry: Retry, endpoints: Endpoints | None = None) -> None:
        self.session = session
        self._network = network
        self._retry = retry
        self._endpoints = endpoints

    @property
    def endpoints(self) -> Endpoints:
        """The endpoints of all clients."""
        self._endpoints = self._endpoints or Endpoints.from_session(self.session)
        return self._endpoints

    def client(self, service: Any, region: str, *, unsigned: bool = False, **credentials: Any) -> Any:  # noqa: ANN401 - the SDK makes its clients' types at run time
        """A client of `service`, with the session's credentials unless others are given; raises `ActionError`.

        The SDK may ask the machine's metadata service before it has one, so this takes no longer than any call.
        """
        try:
            return self._retry.once(SETUP, lambda: self._new_client(service, region, unsigned, credentials))
        except CallError as error:
            endpoint = self._endpoints.of(service) if self._endpoints else AWS
            raise sdk_misconfigured(error, endpoint, self._network.environ) from error

    def _new_client(self, service: Any, region: str, unsigned: bool, credentials: Mapping[str, Any]) -> Any:  # noqa: ANN401, FBT001 - as above
        try:
            settings = {**self.endpoints.config, **({"signature_version": UNSIGNED} if unsigned else {})}
            url = self.endpoints.of(service).url
            client = self.session.create_client(
                service,
                region_name=region,
                endpoint_url=url or None,
                config=CONFIG.merge(Config(**settings)),
                **credentials,
            )
        except (BotoCoreError, ValueError, OSError) as error:
            raise CallError(SETUP, type(error).__name__, str(error)) from None
        validate_responses(client)
        send_through(client, self._network, own_endpoint=bool(url))
        return client


def call_with_retries(
    retry: Retry, operation: str, call: Callable[[], Result], before_attempt: BeforeAttempt = lambda _: None
) -> Result:
    """Make one call of the SDK, repeated while that can help; raises `CallError`. `before_attempt` is `Retry`'s."""

    def attempt() -> Result:
        try:
            return call()
        except SDK_ERRORS as error:
            raise call_error(operation, error) from None

    return retry(operation, attempt, before_attempt)
