"""The inputs of adopt."""

import re
from typing import Annotated, ClassVar

from pydantic import Field

from cognito_action.inputs import validators
from cognito_action.inputs.base import BaseInputs, PasswordLength
from cognito_action.inputs.sign_in import (
    ClientId,
    ClientMetadata,
    ClientSecret,
    FlowName,
    sign_in_permissions,
    signs_in,
)


class AdoptInputs(BaseInputs):
    """The inputs of `adopt/action.yml`."""

    need_client_id: ClassVar[tuple[str, ...]] = ("client-secret", "auth-flow", "client-metadata")

    username: Annotated[
        str,
        validators.pattern(
            re.compile(r"\S+"),
            "one username, the output `username` of an earlier job. If it is empty: GitHub drops job outputs that "
            "contain a masked value, so the step that created the user needs `mask-username: false`",
            128,
        ),
    ] = Field(default="", validate_default=True)
    password_length: PasswordLength = 32
    client_id: ClientId = ""
    client_secret: ClientSecret = Field(default="", repr=False)
    auth_flow: FlowName = "auto"
    client_metadata: ClientMetadata = Field(default_factory=dict)

    @property
    def signs_in(self) -> bool:
        """Whether the user is to be signed in."""
        return signs_in(self.client_id, self.auth_flow)

    @property
    def operations(self) -> list[str]:
        """The signed calls that these inputs can lead to."""
        return ["AdminSetUserPassword", *sign_in_permissions(self.client_id, self.auth_flow)]
