"""What comes back from AWS: the SDK's exceptions read as `CallError`, and answers validated by the service's model.

The SDK validates what it sends, and passes on whatever it gets.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ProxyConnectionError
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from cognito_action.errors import CONCURRENT_MODIFICATION, NETWORK, THROTTLING_CODES, CallError
from cognito_action.network.answers import unreadable
from cognito_action.network.failures import failure
from cognito_action.network.route import Route

SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, KeyError)
"""What a call of the SDK raises for an answer of AWS's, or before there is a request; the last one is an answer that
lacks what it has to hold."""


def call_error(operation: str, error: BotoCoreError | ClientError | ResponseParserError | KeyError) -> CallError:
    """Read an exception of the SDK.

    An answer that can't be read and a status of 500 or more leave it open whether the call took effect.
    """
    if isinstance(error, ClientError):
        # An answer with an empty <Message/> is parsed to None, despite the types.
        code = error.response.get("Error", {}).get("Code") or "Unknown"
        message = str(error.response.get("Error", {}).get("Message") or "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return CallError(
            operation,
            code,
            message,
            retryable=_can_change(status, code),
            outcome_unknown=status >= 500,
            # A gateway of AWS's has given up on the service, which may still be at work.
            unanswered=status == HTTPStatus.GATEWAY_TIMEOUT,
        )
    if isinstance(error, ResponseParserError | KeyError):
        return unreadable(operation)
    if isinstance(error, HTTPClientError | NotConnectedError):
        # The SDK's own search for credentials, which does not go through the step's connections. Its texts are the same for
        # every cause, and about a proxy they may hold pieces of the proxy's password.
        url = error.kwargs.get("endpoint_url")
        if isinstance(url, str):
            return failure(operation, Route(url, None, "", ""), error.kwargs.get("error", error))
        text = "the proxy could not be reached" if isinstance(error, ProxyConnectionError) else "the connection failed"
        return CallError(operation, NETWORK, text, retryable=True, outcome_unknown=True)
    return CallError(operation, type(error).__name__, str(error))


def _can_change(status: int, code: str) -> bool:
    """Whether the service may answer otherwise a moment later: not if an emulator says that it lacks the operation."""
    if status == HTTPStatus.NOT_IMPLEMENTED or code == "Unsupported":
        return False
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in (*THROTTLING_CODES, CONCURRENT_MODIFICATION)


def validate_responses(client: Any) -> None:  # noqa: ANN401 - the SDK makes its clients' types at run time
    """Have the calls of `client` raise `ResponseParserError` if an answer is broken or of another shape."""
    if client.meta.service_model.metadata["protocol"] == "json":
        client.meta.events.register("before-parse", _refuse_garbage)
    client.meta.events.register("after-call-error", _refuse_broken)
    client.meta.events.register("after-call", _refuse_misshapen)


def _refuse_garbage(response_dict: Mapping[str, Any], **_: object) -> None:
    """The SDK would read what is no JSON as an answer with nothing in it but a message."""
    if response_dict["body"] and response_dict["status_code"] < 300:
        json.loads(response_dict["body"])


def _refuse_broken(exception: Exception, **_: object) -> None:
    """The SDK's parsers let Python's own errors through."""
    if not isinstance(exception, (*SDK_ERRORS, CallError)):
        raise ResponseParserError from None


def _refuse_misshapen(parsed: Any, model: OperationModel, **_: object) -> None:  # noqa: ANN401 - as it came
    if not _is_answer(parsed) or (model.output_shape and not _fits(parsed, model.output_shape)):
        raise ResponseParserError


def _is_answer(parsed: Any) -> bool:  # noqa: ANN401 - as above
    error = parsed.get("Error", {}) if isinstance(parsed, dict) else None
    return isinstance(error, dict) and isinstance(error.get("Code") or "", str)


def _fits(value: Any, shape: Any) -> bool:  # noqa: ANN401 - as above
    match shape.type_name:
        case "structure":
            members = shape.members.items()
            return isinstance(value, dict) and all(_fits(value[name], of) for name, of in members if name in value)
        case "list":
            return isinstance(value, list) and all(_fits(item, shape.member) for item in value)
        case "map":
            return isinstance(value, dict) and all(_fits(item, shape.value) for item in value.values())
        case "string":
            return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)
        case "timestamp":
            return value.tzinfo is not None
        case _:
            return True
