"""The inputs of main."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo

from cognito_action.diagnostics.access import PERMISSIONS
from cognito_action.identifiers import IDENTITY_ID
from cognito_action.inputs import validators
from cognito_action.inputs.base import BaseInputs, PasswordLength, Switch
from cognito_action.inputs.sign_in import (
    ClientId,
    ClientMetadata,
    ClientSecret,
    FlowName,
    sign_in_permissions,
    signs_in,
)
from cognito_action.inputs.user_list import UserSpec, read_users
from cognito_action.naming import EXAMPLE_DOMAIN

DOMAIN = re.compile(r"(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?")
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}")

MAX_DOMAIN_LENGTH = 64
"""Characters: a username has at most 128, and a generated name with its `@` takes up to 58."""

SIGN_UP_PERMISSIONS = ("AdminConfirmSignUp", "AdminUpdateUserAttributes", "AdminInitiateAuth")
"""What a sign-up needs; the call `SignUp` itself is public."""


_OF_SIGNED_IN = ("storage-state-origin", "identity-pool-id")
"""Inputs for what a step makes of the tokens."""


def _users(text: str, info: ValidationInfo) -> Mapping[str, UserSpec]:
    """Read the input `users`, within what the inputs before it allow; one that is given but invalid counts too."""
    given = {name for name in ("phone_number", "client_id", "identity_pool_id") if info.data.get(name) != ""}
    return read_users(
        text,
        with_tokens="client_id" in given and info.data.get("auth_flow") != "none",
        with_aws_credentials="identity_pool_id" in given,
        with_phone_number="phone_number" in given,
        with_address=info.data.get("email_domain") != "",
    )


class MainInputs(BaseInputs):
    """The inputs of `action.yml`, checked against the limits of Cognito's and STS's service models."""

    as_written: ClassVar[frozenset[str]] = frozenset({"email-domain"})
    """Empty, it means: no email address."""

    need_client_id: ClassVar[tuple[str, ...]] = ("client-secret", "auth-flow", "sign-up", *_OF_SIGNED_IN)

    need_sign_in: ClassVar[tuple[str, ...]] = _OF_SIGNED_IN

    email_domain: Annotated[
        str,
        StringConstraints(to_lower=True, strip_whitespace=True),
        validators.pattern(
            DOMAIN,
            f"a domain, as in example.com, of at most {MAX_DOMAIN_LENGTH} characters, or '' for no address",
            MAX_DOMAIN_LENGTH,
        ),
    ] = EXAMPLE_DOMAIN
    phone_number: Annotated[
        str,
        validators.pattern(
            PHONE_NUMBER, "a phone number in E.164 form, as in '+15555550123' (quoted, or YAML makes a number of it)"
        ),
    ] = ""
    attributes: Annotated[dict[str, str], BeforeValidator(validators.attributes)] = Field(default_factory=dict)
    groups: Annotated[tuple[str, ...], BeforeValidator(validators.groups)] = ()
    password_length: PasswordLength = 32
    client_id: ClientId = ""
    client_secret: ClientSecret = Field(default="", repr=False)
    auth_flow: FlowName = "auto"
    client_metadata: ClientMetadata = Field(default_factory=dict)
    sign_up: Switch = False
    storage_state_origin: Annotated[str, BeforeValidator(validators.origin)] = ""
    identity_pool_id: Annotated[
        str,
        validators.pattern(
            IDENTITY_ID, "the ID of an identity pool, as in eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"
        ),
    ] = ""
    # After the phone number, the app client and the identity pool, which limit how many users there can be.
    users: Annotated[Mapping[str, UserSpec], BeforeValidator(_users)] = Field(default_factory=dict)
    mask_username: Switch = True
    cleanup: Switch = True
    cleanup_failure: Annotated[Literal["warning", "error"], validators.one_of("warning", "error")] = "warning"

    @property
    def user_specs(self) -> Mapping[str, UserSpec]:
        """Who is to be created, by the key in the input `users`; without that input one user, whose key is empty."""
        shared = UserSpec(self.groups, self.attributes)
        return {key: shared | spec for key, spec in self.users.items()} or {"": shared}

    @property
    def signs_in(self) -> bool:
        """Whether the user is to be signed in."""
        return signs_in(self.client_id, self.auth_flow)

    @property
    def operations(self) -> list[str]:
        """The signed calls that these inputs can lead to."""
        specs = [spec for spec in self.user_specs.values() if spec.create]
        if not specs:
            return []
        operations = self._sign_up_operations if self.sign_up else ["AdminCreateUser", "AdminSetUserPassword"]
        if any(spec.groups for spec in specs):
            operations.append("AdminAddUserToGroup")
        return list(dict.fromkeys([*operations, *sign_in_permissions(self.client_id, self.auth_flow)]))

    @property
    def deletions(self) -> tuple[str, ...]:
        """The signed calls that the deletion of these users can lead to."""
        return ("AdminDeleteUser", "ListUsers") if self.phone_number else ("AdminDeleteUser",)

    @property
    def permissions(self) -> tuple[str, ...]:
        """What the action needs for these users whatever else is asked for, post included."""
        return (*self._sign_up_operations, "AdminDeleteUser") if self.sign_up else PERMISSIONS

    @property
    def _sign_up_operations(self) -> list[str]:
        """What a sign-up needs; without an address there is nothing to verify."""
        return [name for name in SIGN_UP_PERMISSIONS if self.email_domain or name != "AdminUpdateUserAttributes"]
