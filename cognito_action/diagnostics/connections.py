"""Why a service was not reached, and how this step goes without the variable of the job that is behind it."""

import re

from cognito_action.diagnostics.certificate_causes import ANY, BY_ENDPOINT, BY_PROXY, LACKING_AUTHORITY, SERVICE
from cognito_action.diagnostics.connection_causes import CAUSES, NO_SUCH_VARIANT
from cognito_action.errors import CA_FILE, NETWORK, NO_HOST, ActionError, CallError
from cognito_action.network.endpoint import Endpoint


def not_reached(error: CallError, endpoint: Endpoint, origin: str) -> ActionError:
    """A call failed on the way to its service, with one of the `CONNECTION_CODES`.

    Args:
        error: the failure.
        endpoint: where the call went.
        origin: the input or the variable that the host's name comes from if no setting of the job names one.
    """
    place = BY_ENDPOINT if endpoint.elsewhere else SERVICE
    if error.variable and error.code != CA_FILE:
        place = BY_PROXY
    if error.code == CA_FILE and "could not be verified" in error.message:
        cause = LACKING_AUTHORITY
    elif error.code == NO_HOST and place == SERVICE and endpoint.variant:
        cause = NO_SUCH_VARIANT
    else:
        rows = ((error.code, place), (error.code, ANY), (error.code, SERVICE), (NETWORK, SERVICE))
        cause = next(CAUSES[row] for row in rows if row in CAUSES)
    return cause.told(
        error,
        source=endpoint.source,
        endpoint_variable=endpoint.source if endpoint.source.startswith("AWS_") else "AWS_ENDPOINT_URL",
        variant=endpoint.variant,
        variable=error.variable,
        origin=origin,
        port=_first(r":([0-9]{1,5})(?![\w\]:])", error.message) or "<port>",
        host=_first(r" connection to ([\w.-]+)", error.message) or "<host>",
    )


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""
