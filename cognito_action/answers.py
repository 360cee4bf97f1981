"""Answers of AWS, held to the service's own model: the SDK checks what it sends, and hands on whatever it gets."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from cognito_action.sdk_errors import SDK_ERRORS


def hold_to_model(client: Any) -> None:  # noqa: ANN401 - the SDK makes its clients' types at run time
    """Have the calls of `client` raise `ResponseParserError` where an answer is broken off, broken, or of another form."""
    client.meta.events.register("before-parse", _refuse_broken_off)
    client.meta.events.register("after-call-error", _refuse_broken)
    client.meta.events.register("after-call", _refuse_misshapen)


def _refuse_broken_off(response_dict: Mapping[str, Any], **_: object) -> None:
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
