"""What is said if an identity pool gives no AWS credentials to a signed-in user."""

from collections.abc import Sequence
from dataclasses import dataclass

from cognito_action.diagnostics.causes import Cause, cause_of
from cognito_action.diagnostics.common import any_call_failed, at_endpoint
from cognito_action.diagnostics.connections import not_reached
from cognito_action.diagnostics.credentials import OF_ROLE
from cognito_action.errors import CONNECTION_CODES, ActionError, CallError
from cognito_action.network.endpoint import Endpoint


@dataclass(frozen=True)
class IdentityPoolAccess:
    """An identity pool, and what decides whether calls on it succeed.

    Args:
        id: of the identity pool.
        region: of the identity pool, the front of its ID.
        user_pool_id: whose users it is to accept.
        endpoint: where the calls go.
    """

    id: str
    region: str
    user_pool_id: str
    endpoint: Endpoint


_NOT_AUTHORIZED = {
    "GetId": Cause(
        "The identity pool does not accept users of this user pool who sign in with this app client.",
        "Add an identity provider of the type Cognito user pool to the identity pool, with the user pool {user_pool} and the "
        "app client of `client-id`: in the Cognito console under Identity pools, User access. Its other providers stay.",
    ),
    "GetCredentialsForIdentity": Cause(
        "The identity pool chooses roles by rules or by the token, and gives this user none.",
        "Have a rule match this user, put the user into a group that has a role, or let the identity pool fall back to its "
        "authenticated role.",
    ),
}
"""What else the same refusal means, by the call: the first one is about the user, the second about a role."""

_CAUSES: Sequence[Cause] = (
    Cause(
        "There is no such identity pool in {region}, the region that its ID starts with.",
        "Check `identity-pool-id`: it is the ID that the Cognito console shows under Identity pools, not that of a user pool.",
        codes=("ResourceNotFoundException",),
    ),
    Cause(
        "The ID token had expired when the identity pool got it: the app client's ID tokens live too short for this.",
        "Let the ID tokens of this app client live for five minutes at least.",
        codes=("NotAuthorizedException",),
        message="[Tt]oken expired",
    ),
    Cause(
        "The identity pool has no role for signed-in users, or one that does not trust this identity pool.",
        "Choose an authenticated role: in the Cognito console under Identity pools, User access. Its trust policy has to "
        "allow `sts:AssumeRoleWithWebIdentity` to `cognito-identity.amazonaws.com` for this identity pool:",
        codes=("InvalidIdentityPoolConfigurationException",),
        paste=(
            '"Condition": {{\n'
            '  "StringEquals": {{"cognito-identity.amazonaws.com:aud": "{id}"}},\n'
            '  "ForAnyValue:StringLike": {{"cognito-identity.amazonaws.com:amr": "authenticated"}}\n'
            "}}"
        ),
        language="text",
    ),
)


def identity_pool_refused(error: CallError, access: IdentityPoolAccess, provider: str) -> ActionError:
    """The identity pool gave no credentials; `provider` is what it has to know the user pool as."""
    return at_endpoint(_told(error, access, provider), access.endpoint)


def _told(error: CallError, access: IdentityPoolAccess, provider: str) -> ActionError:
    if error.code in CONNECTION_CODES:
        return not_reached(error, access.endpoint, "`identity-pool-id`")
    cause = cause_of(error, _CAUSES)
    if not cause and error.code == "NotAuthorizedException":
        cause = _NOT_AUTHORIZED[error.operation]
    if cause and not (access.endpoint.elsewhere and error.code == "ResourceNotFoundException"):
        told = cause.told(error, region=access.region, user_pool=access.user_pool_id, id=access.id)
        told.details = f"identity pool: {access.id}\nprovider: {provider}"
        return told
    return any_call_failed(error, access.endpoint, access.region, OF_ROLE)
