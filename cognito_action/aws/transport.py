"""How the SDK's requests travel: through the step's own connections, and back only if the answer is AWS's."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict

from cognito_action.network.answers import Answer, foreign
from cognito_action.network.connections import Network

_CONTENT_TYPES = {"json": "application/x-amz-json-{version}", "query": "text/xml"}
"""The content types of AWS's protocols, by their names in the service models."""

_XML_ANSWER = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<(\w+Response)\b")
"""The root of what STS answers. Pages can be XML as well."""


def send_through(client: Any, network: Network, *, own_endpoint: bool) -> None:  # noqa: ANN401 - made at run time
    """Have `client` send its requests through `network`; with `own_endpoint` the endpoint is not AWS's.

    Its calls raise `CallError` if the service did not answer.
    """
    metadata = client.meta.service_model.metadata
    content_type = _CONTENT_TYPES[metadata["protocol"]].format(version=metadata.get("jsonVersion"))

    def send(request: Any, event_name: str, **_: object) -> AWSResponse:  # noqa: ANN401 - an `AWSPreparedRequest`
        operation = event_name.rpartition(".")[2]
        # Some values are bytes, which urllib3 takes for a request to a server but not for one to a proxy.
        headers = {
            name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
        }
        answer = network.send(operation, request.method, request.url, headers, request.body)
        if not (_bears_mark(answer, content_type) or (own_endpoint and _is_emulators_refusal(answer))):
            raise foreign(operation, answer)
        return AWSResponse(answer.url, answer.status, HeadersDict(answer.headers), _Body(answer.body))  # type: ignore[arg-type]

    client.meta.events.register("before-send", send)


def _bears_mark(answer: Answer, content_type: str) -> bool:
    """Whether AWS marked the answer as its own: each has a request ID, and the content type of the protocol."""
    if "x-amzn-RequestId" in answer.headers:
        return True
    return answer.content_type == content_type and (content_type != "text/xml" or bool(_XML_ANSWER.match(answer.body)))


def _is_emulators_refusal(answer: Answer) -> bool:
    """Whether it is AWS's form of a refusal in JSON: emulators send it without the mark, and pages do not have it."""
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    return answer.status >= 400 and isinstance(content, dict) and isinstance(content.get("__type"), str)


class _Body(BytesIO):
    """A body as the SDK reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()
