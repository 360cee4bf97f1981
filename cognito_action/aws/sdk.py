"""The AWS SDK as the action uses it: short timeouts, no retries of its own; with a role, no files that others wrote."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session

from cognito_action.aws.responses import SDK_ERRORS, call_error, validate_responses
from cognito_action.concurrency import MAX_CONCURRENT_CALLS
from cognito_action.diagnostics.role import sdk_misconfigured
from cognito_action.retry import Retry

Result = TypeVar("Result")

CONFIG = Config(
    connect_timeout=5,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 1},
    max_pool_connections=MAX_CONCURRENT_CALLS,
    user_agent_extra="cognito-test-user",
)
"""Seconds of one attempt: 5 to connect, 15 for Cognito, which may wait three times 5 s for a Lambda trigger.

The SDK retries nothing: whether an attempt without an answer took effect decides what the action may do next, and the
SDK keeps that to itself.
"""


def isolated_session() -> Session:
    """A session that reads neither `AWS_PROFILE` nor `~/.aws`: earlier steps of the job can write both."""
    session = Session(
        session_vars={
            "profile": (None, [], None, None),
            "config_file": (None, [], os.devnull, None),
            "credentials_file": (None, [], os.devnull, None),
            "sts_regional_endpoints": (None, [], "regional", None),
        }
    )
    session.register_component(
        "data_loader", Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    )
    return session


def new_client(session: Session, service: Any, region: str, **settings: Any) -> Any:  # noqa: ANN401 - the SDK makes its clients' types at run time
    """A client of `service`; raises `ActionError` if a variable of the job keeps the SDK from making one."""
    try:
        client = session.create_client(service, region_name=region, **{"config": CONFIG, **settings})
    except (BotoCoreError, ValueError) as error:
        raise sdk_misconfigured(error) from error
    validate_responses(client)
    return client


def call_with_retries(
    retry: Retry, operation: str, call: Callable[[], Result], on_unknown_outcome: Callable[[], None] = lambda: None
) -> Result:
    """Make one call of the SDK, repeated while that can help; raises `CallError`. `on_unknown_outcome` is `Retry`'s."""

    def attempt() -> Result:
        try:
            return call()
        except SDK_ERRORS as error:
            raise call_error(operation, error) from None

    return retry(operation, attempt, on_unknown_outcome)
