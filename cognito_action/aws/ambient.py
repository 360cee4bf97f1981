"""The job's own credentials, for a step without a role: what the SDK finds in variables and asks the machine for."""

import os
import re
from contextlib import suppress
from http import HTTPStatus

import urllib3
from botocore.credentials import ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from botocore.utils import JSONFileCache

from cognito_action.aws.sdk import call_with_retries
from cognito_action.diagnostics.ambient import credentials_unusable, no_credentials
from cognito_action.errors import NO_ANSWER, PROXY_URL, CallError
from cognito_action.host import Host
from cognito_action.network.connections import Network
from cognito_action.network.proxies import ProxyUrlError, proxy_for
from cognito_action.retry import Retry
from cognito_action.words import HostKind

OPERATION = "The search for AWS credentials"

_METADATA = "http://169.254.169.254"
"""Where an EC2 instance asks for its credentials, unless `AWS_EC2_METADATA_SERVICE_ENDPOINT` names another place."""

_METADATA_TIMEOUT = urllib3.Timeout(connect=1, read=1)
"""Seconds: what the SDK gives it as well."""


def find_credentials(network: Network, region: str, retry: Retry, host: Host) -> tuple[Session, ReadOnlyCredentials]:
    """Find them as the SDK does, and return them with the session that has found them; raises `ActionError`."""
    environ = network.environ
    try:
        # The SDK may ask STS, and would repeat what is wrong with the URL of the proxy.
        proxy_for(f"https://sts.{region}.amazonaws.com/", environ)
        found = call_with_retries(retry, OPERATION, lambda: _find(region, host.kind))
    except ProxyUrlError as error:
        broken = CallError(OPERATION, PROXY_URL, str(error), said="", variable=error.variable)
        raise credentials_unusable(broken, environ, host.kind) from broken
    except CallError as error:
        raise credentials_unusable(error, environ, host.kind) from error
    except ValueError as error:
        broken = CallError(OPERATION, type(error).__name__, host.redactor(str(error)))
        raise credentials_unusable(broken, environ, host.kind) from None
    if found is None:
        # The command runs in no container of its own.
        hosts_only = host.kind is HostKind.ACTION and _answers_hosts_only(network, retry)
        raise no_credentials(environ, hosts_only=hosts_only, kind=host.kind)
    return found


def fit_in_headers(*credentials: str) -> bool:
    """Tell whether these can be credentials: they travel in HTTP headers, which contain no line breaks."""
    return all(re.fullmatch("[!-~]+", text) for text in credentials)


def renews_itself(session: Session) -> bool:
    """Whether the SDK replaces the session's credentials before they expire, as it does those of a role in a profile."""
    return isinstance(session.get_credentials(), RefreshableCredentials)


def _find(region: str, kind: HostKind) -> tuple[Session, ReadOnlyCredentials] | None:
    session = _session()
    if not session.get_config_variable("region"):
        session.set_config_variable("region", region)  # whoever assumes a role asks STS there
    if kind is HostKind.COMMAND:
        _share_sessions_with_aws_cli(session)
    try:
        credentials = session.get_credentials()
        if credentials is None:
            return None
        found = credentials.get_frozen_credentials()
    except BotoCoreError:  # some of these are OSErrors as well
        raise
    except EOFError:
        raise CallError(
            OPERATION, "NoCode", "the profile wants a code of an MFA device, and no one can type it"
        ) from None
    except OSError as error:  # a file that a variable names, and that is not in the container
        raise CallError(OPERATION, type(error).__name__, str(error)) from None
    required = (found.access_key or "", found.secret_key or "")
    if not fit_in_headers(*required, *filter(None, [found.token])):
        raise CallError(
            OPERATION,
            "BrokenCredentials",
            "they are empty, or contain a line break, a space or something else that no credentials contain",
        )
    return session, found


def _session() -> Session:
    """A session of the SDK's own kind, to which an empty `AWS_PROFILE` is none: a step can't remove a variable."""
    # The SDK reads the variables of the process, in this order.
    named = [name for name in ("AWS_DEFAULT_PROFILE", "AWS_PROFILE") if os.environ.get(name)]
    return Session(session_vars={"profile": (None, named or None, None, None)})


def _share_sessions_with_aws_cli(session: Session) -> None:
    """Use the sessions of roles that the AWS CLI has begun: for a role with MFA, it has asked for the code already."""
    provider = session.get_component("credential_provider").get_provider("assume-role")
    provider.cache = JSONFileCache(os.path.expanduser(os.path.join("~", ".aws", "cli", "cache")))


def _answers_hosts_only(network: Network, retry: Retry) -> bool:
    """Whether a metadata service wants a token, and its answer to the request for one does not reach a container."""
    if network.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    with suppress(CallError):
        return retry.once(OPERATION, lambda: _gives_no_token(network))
    return False


def _gives_no_token(network: Network) -> bool:
    """The same of a service that answers at all; raises `CallError` if it does not."""
    url = (network.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or _METADATA).rstrip("/")
    lifetime = {"x-aws-ec2-metadata-token-ttl-seconds": "60"}
    try:
        network.send(OPERATION, "PUT", f"{url}/latest/api/token", lifetime, timeout=_METADATA_TIMEOUT)
    except CallError as error:
        if error.code == NO_ANSWER:
            answer = network.send(OPERATION, "GET", f"{url}/latest/meta-data/", {}, timeout=_METADATA_TIMEOUT)
            return answer.status == HTTPStatus.UNAUTHORIZED
    return False
