"""What comes back from AWS: the SDK's exceptions read as `CallError`, and answers validated by the service's model.

The SDK validates what it sends, and passes on whatever it gets.
"""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, SSLError
from botocore.exceptions import ConnectionError as NotConnectedError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from cognito_action.errors import CONCURRENT_MODIFICATION, NETWORK, THROTTLING_CODES, TLS, CallError, no_such_host

SDK_ERRORS = (BotoCoreError, ClientError, ResponseParserError, KeyError)
"""What a call of the SDK raises; the last one is an answer that lacks what it has to hold."""


def call_error(operation: str, error: BotoCoreError | ClientError | ResponseParserError | KeyError) -> CallError:
    """Read an exception of the SDK.

    A connection that was never established (botocore's `ConnectionError`) carried no request; one that broke later, an
    answer that can't be read, and a status of 500 or more leave it open whether the call took effect.
    """
    if isinstance(error, ClientError):
        # An answer with an empty <Message/> is parsed to None, despite the types.
        code = error.response.get("Error", {}).get("Code") or "Unknown"
        message = str(error.response.get("Error", {}).get("Message") or "")
        server_error = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        retryable = server_error or code in (*THROTTLING_CODES, CONCURRENT_MODIFICATION)
        return CallError(operation, code, message, retryable=retryable, outcome_unknown=server_error)
    if isinstance(error, ResponseParserError | KeyError):
        # Never its own text: that holds the answer, and the answer of STS holds credentials.
        return CallError(operation, NETWORK, "the answer could not be read", retryable=True, outcome_unknown=True)
    if isinstance(error, SSLError) and re.search("CERTIFICATE|No such file", str(error)):
        return CallError(operation, TLS, str(error))
    if isinstance(error, NotConnectedError):
        retryable = not no_such_host(_reason(error))
        outcome_unknown = isinstance(error, SSLError)
        return CallError(operation, NETWORK, str(error), retryable=retryable, outcome_unknown=outcome_unknown)
    if isinstance(error, HTTPClientError):
        return CallError(operation, NETWORK, str(error), retryable=True, outcome_unknown=True)
    return CallError(operation, type(error).__name__, str(error))


def _reason(error: Exception) -> object:
    """The exception of the socket, which urllib3 keeps behind its own."""
    return getattr(getattr(error, "kwargs", {}).get("error"), "__cause__", None)


def validate_responses(client: Any) -> None:  # noqa: ANN401 - the SDK makes its clients' types at run time
    """Have the calls of `client` raise `ResponseParserError` if an answer is cut off, broken, or of another shape."""
    client.meta.events.register("before-parse", _refuse_cut_off)
    client.meta.events.register("after-call-error", _refuse_broken)
    client.meta.events.register("after-call", _refuse_misshapen)


def _refuse_cut_off(response_dict: Mapping[str, Any], **_: object) -> None:
    """The SDK would read half an answer as an empty one, and half a refusal as one of an unknown kind."""
    promised = response_dict["headers"].get("Content-Length", "")
    if promised.isdecimal() and len(response_dict["body"]) < int(promised):
        raise ResponseParserError


def _refuse_broken(exception: Exception, **_: object) -> None:
    """The SDK's parsers let Python's own errors through."""
    if not isinstance(exception, SDK_ERRORS):
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
