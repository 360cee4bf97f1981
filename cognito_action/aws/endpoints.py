"""Which endpoints the SDK connects to, as settings that main can hand to post."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from botocore.session import Session


@dataclass(frozen=True)
class Endpoints:
    """The settings that decide it, read once: a later step of the job can set other ones."""

    cognito_idp: str
    """The URL in place of AWS's own endpoint of Cognito, empty if there is none."""
    sts: str
    """The same of STS."""
    fips: bool
    dual_stack: bool

    @classmethod
    def from_session(cls, session: "Session") -> Self:
        """Read them as the SDK does.

        That is from `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`,
        `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`, and from the session's profile, if it has one. Raises
        `BotoCoreError` for a profile that contradicts itself.
        """
        ignored = session.get_config_variable("ignore_configured_endpoint_urls")
        return cls(
            cognito_idp="" if ignored else _configured_url(session, "cognito-idp"),
            sts="" if ignored else _configured_url(session, "sts"),
            fips=bool(session.get_config_variable("use_fips_endpoint")),
            dual_stack=bool(session.get_config_variable("use_dualstack_endpoint")),
        )

    def url_of(self, service: str) -> str:
        """The URL in place of AWS's own endpoint of a service, empty if there is none."""
        return {"cognito-idp": self.cognito_idp, "sts": self.sts}[service]

    @property
    def config(self) -> dict[str, Any]:
        """What the SDK's `Config` has to hold, so that it looks for no other settings."""
        return {
            "ignore_configured_endpoint_urls": True,
            "use_fips_endpoint": self.fips,
            "use_dualstack_endpoint": self.dual_stack,
        }


def _configured_url(session: "Session", service: str) -> str:
    # Post reads the state without the SDK.
    from botocore.configprovider import ConfiguredEndpointProvider  # noqa: PLC0415
    from botocore.exceptions import InvalidConfigError  # noqa: PLC0415

    try:
        return ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), service).provide() or ""
    except AttributeError:
        raise InvalidConfigError(
            error_msg=f"The profile's services have a text in place of settings for {service}"
        ) from None
