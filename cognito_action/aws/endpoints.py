"""Which endpoints the SDK connects to, as settings that main can hand to post."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from cognito_action.network.endpoint import Endpoint

if TYPE_CHECKING:
    from botocore.session import Session

PROFILE = "endpoint_url of the profile"

_VARIABLES = {
    "cognito-idp": "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "sts": "AWS_ENDPOINT_URL_STS",
    "cognito-identity": "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
}

_VARIANTS = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
"""Variables that lead to other hosts of AWS."""

_REGION = re.compile(r"[a-z]{2}(-gov)?-[a-z]+-[0-9]")
"""A region of the partitions whose host names are known here: AWS's own, China's and the US government's."""


@dataclass(frozen=True)
class Endpoints:
    """The settings that decide it, read once: a later step of the job can set other ones."""

    cognito_idp: str
    """The URL in place of AWS's own endpoint of Cognito, empty if there is none."""
    sts: str
    """The same of STS."""
    fips: bool
    dual_stack: bool
    cognito_idp_source: str = ""
    """What names that URL."""
    sts_source: str = ""
    cognito_identity: str = ""
    """The same of the service that has the identity pools."""
    cognito_identity_source: str = ""

    @classmethod
    def from_session(cls, session: "Session") -> Self:
        """Read them as the SDK does.

        That is from `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`,
        `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`, and from the session's profile, if it has one. Raises
        `BotoCoreError` for a profile that contradicts itself.
        """
        ignored = session.get_config_variable("ignore_configured_endpoint_urls")
        found = {name: ("", "") if ignored else _configured(session, name) for name in _VARIABLES}
        cognito_idp, cognito_idp_source = found["cognito-idp"]
        sts, sts_source = found["sts"]
        cognito_identity, cognito_identity_source = found["cognito-identity"]
        return cls(
            cognito_idp=cognito_idp,
            sts=sts,
            fips=bool(session.get_config_variable("use_fips_endpoint")),
            dual_stack=bool(session.get_config_variable("use_dualstack_endpoint")),
            cognito_idp_source=cognito_idp_source,
            sts_source=sts_source,
            cognito_identity=cognito_identity,
            cognito_identity_source=cognito_identity_source,
        )

    def of(self, service: str) -> Endpoint:
        """The endpoint of one of the three services, by the SDK's name of it."""
        variant = "AWS_USE_FIPS_ENDPOINT" if self.fips else "AWS_USE_DUALSTACK_ENDPOINT" if self.dual_stack else ""
        return {
            "cognito-idp": Endpoint(self.cognito_idp, self.cognito_idp_source, variant),
            "sts": Endpoint(self.sts, self.sts_source, variant),
            "cognito-identity": Endpoint(self.cognito_identity, self.cognito_identity_source, variant),
        }[service]

    @property
    def are_usual(self) -> bool:
        """Whether they are those of `aws_urls`: no setting names others."""
        return not (self.cognito_idp or self.sts or self.fips or self.dual_stack)

    @property
    def config(self) -> dict[str, Any]:
        """What the SDK's `Config` has to hold, so that it looks for no other settings."""
        return {
            "ignore_configured_endpoint_urls": True,
            "use_fips_endpoint": self.fips,
            "use_dualstack_endpoint": self.dual_stack,
        }


def may_be_unusual(environ: Mapping[str, str]) -> bool:
    """Whether a variable may lead to other hosts than those of `aws_urls`."""
    return any(value and (name.startswith("AWS_ENDPOINT_URL") or name in _VARIANTS) for name, value in environ.items())


def aws_urls(region: str) -> Sequence[str]:
    """The usual URLs of STS and of Cognito in a region, which a test compares with the SDK's; none if that is unsure."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    services = ("sts", "cognito-idp") if _REGION.fullmatch(region) else ()
    return [f"https://{service}.{region}.{suffix}" for service in services]


def _configured(session: "Session", service: str) -> tuple[str, str]:
    """The URL in place of AWS's own, and what names it."""
    # Post reads the state without the SDK.
    from botocore.configprovider import ConfiguredEndpointProvider  # noqa: PLC0415
    from botocore.exceptions import InvalidConfigError  # noqa: PLC0415

    try:
        url = ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), service).provide() or ""
    except AttributeError:
        raise InvalidConfigError(
            error_msg=f"The profile's services have a text in place of settings for {service}"
        ) from None
    # The SDK reads the same variables of the process, in this order.
    variables = (_VARIABLES[service], "AWS_ENDPOINT_URL")
    return url, next((name for name in variables if url and os.environ.get(name) == url), PROFILE if url else "")
