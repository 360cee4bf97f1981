"""What applies to any call to AWS: causes that its code, or where it went, tell whatever the operation is."""

from collections.abc import Sequence

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.credentials import KeyFacts, credentials_refused
from cognito_action.diagnostics.phrases import CALL_AWS, CALL_AWS_INSTEAD, FEWER_AT_ONCE
from cognito_action.errors import (
    CONNECTION_CODES,
    CREDENTIAL_CODES,
    DEADLINE,
    STOPPED,
    THROTTLING_CODES,
    ActionError,
    CallError,
)
from cognito_action.network.endpoint import Endpoint

_AT_AN_ENDPOINT = Cause(
    "`{source}` names another place than AWS, which does not have what this call needs.",
    CALL_AWS_INSTEAD.within("Correct the URL. {}"),
    paste=CALL_AWS,
)

_CAUSES: Sequence[Cause] = (
    Cause(
        "The calls before it used up the time for all of them: a service was slow, or refused several times before it "
        "answered.",
        "Run it again; the log shows what was retried, and why.",
        codes=(DEADLINE,),
    ),
    Cause("A signal has stopped the work before this call was made.", "Run it again.", codes=(STOPPED,)),
    Cause(
        "The quota belongs to the account in this region, is shared by all its pools and by production, and stayed "
        "exhausted until the deadline.",
        FEWER_AT_ONCE.within("{}, move a schedule to another time, or have the quota raised where that is possible."),
        codes=tuple(sorted(THROTTLING_CODES)),
    ),
    Cause(
        "The pool or its app client has a feature that its plan does not include.",
        "Choose a plan that has it in the pool's settings, or take it out.",
        codes=("FeatureUnavailableInTierException",),
    ),
)

_FAILED = Cause("The service failed, and kept failing until the deadline.", "Run it again later.")

_UNKNOWN = Cause(
    "This error is not known here.",
    "Read the message above; AWS's reference lists the errors of each operation.",
)


def usual_cause(error: CallError) -> Cause | None:
    """What a code means whoever the service is; None if the code alone tells nothing."""
    return cause_of(error, _CAUSES) or (_FAILED if error.retryable else None)


def any_call_failed(error: CallError, endpoint: Endpoint, region: str, facts: KeyFacts) -> ActionError:
    """Put a failed call of STS or of one of Cognito's services into words.

    Args:
        error: the failure.
        endpoint: where the call went.
        region: of the pool.
        facts: about the credentials.
    """
    if error.code in CONNECTION_CODES:
        return not_reached(error, endpoint, "`user-pool-id`")
    if error.code in CREDENTIAL_CODES:
        return credentials_refused(error, facts, endpoint, region)
    cause = usual_cause(error) or (_AT_AN_ENDPOINT if endpoint.elsewhere else _UNKNOWN)
    return cause.told(error, source=endpoint.source)


def at_endpoint(told: ActionError, endpoint: Endpoint) -> ActionError:
    """Add where the call went, if a setting of the job has decided that."""
    if endpoint.url:
        where = f"endpoint: {endpoint.shown} ({endpoint.source})"
        told.details = f"{told.details}\n{where}" if told.details else where
    return told
