"""The causes why a service is not reached, by who is at the other end: itself, a proxy, or what an endpoint URL names."""

from collections.abc import Mapping

from cognito_action.diagnostics.causes import Cause, for_this_step
from cognito_action.errors import (
    CA_FILE,
    CERTIFICATE_DATE,
    FOREIGN_ANSWER,
    HOSTNAME,
    NETWORK,
    NO_ANSWER,
    NO_HOST,
    NOT_A_PROXY,
    NOT_TLS,
    OWN_CONTAINER,
    PROXY,
    PROXY_LOGIN,
    PROXY_URL,
    TLS,
)

SERVICE, BY_PROXY, BY_ENDPOINT, ANY = "the service", "a proxy", "an endpoint URL", "any"

CALL_AWS = for_this_step("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", '"true"')
"""What has a step call AWS, whatever the job sets for other steps."""

_WITHOUT = for_this_step("{variable}")

CAUSES: Mapping[tuple[str, str], Cause] = {
    (NETWORK, SERVICE): Cause(
        "The connection was not made, or it broke.",
        "On a self-hosted runner, let containers reach this host on port 443, and set `https_proxy` if there is a proxy. "
        "Otherwise run the job again.",
    ),
    (NETWORK, BY_PROXY): Cause(
        "The connection goes through the proxy that `{variable}` names, and was not made, or it broke.",
        "Check the proxy. If this step needs none, add to it:",
        paste=_WITHOUT,
    ),
    (NETWORK, BY_ENDPOINT): Cause(
        "`{source}` has this step call another place than AWS, and no one answers there.",
        "See that what it names runs before this step. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (NO_ANSWER, SERVICE): Cause(
        "No answer came in time.",
        "Run the job again. If it happens each time, look at the runner's resolver, and for a firewall or a proxy on the way "
        "that holds answers back.",
    ),
    (NO_ANSWER, BY_PROXY): Cause(
        "The connection goes through the proxy that `{variable}` names, and no answer came in time.",
        "Look at the proxy's log. If this step needs no proxy, add to it:",
        paste=_WITHOUT,
    ),
    (NO_ANSWER, BY_ENDPOINT): Cause(
        "`{source}` has this step call another place than AWS, and no answer came in time.",
        "Look at the log of what it names. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (NO_HOST, SERVICE): Cause(
        "There is no endpoint of this name, or the runner's resolver does not know it.",
        "Check {origin}, which the name is made from. If that is right, check the resolver of the runner.",
    ),
    (NO_HOST, BY_PROXY): Cause(
        "`{variable}` names a proxy whose host does not exist.",
        "Correct it. If this step needs no proxy, add to it:",
        paste=_WITHOUT,
    ),
    (NO_HOST, BY_ENDPOINT): Cause(
        "`{source}` names a host that the action's container does not know.",
        "A service of the job is reached by its label under `services:`. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (OWN_CONTAINER, BY_PROXY): Cause(
        "In `{variable}`, `localhost` is the action's own container, where no proxy runs.",
        "What runs on the runner has to listen on 0.0.0.0, and not on 127.0.0.1 alone; then add to this step:",
        paste=for_this_step("{variable}", "http://172.17.0.1:{port}"),
    ),
    (OWN_CONTAINER, BY_ENDPOINT): Cause(
        "In `{source}`, `localhost` is the action's own container, where nothing else runs.",
        "A service of the job is reached by its label: `http://<label>:{port}`. To call AWS instead, set "
        "`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: true`. What a step has started on the runner has to listen on 0.0.0.0, and "
        "not on 127.0.0.1 alone; then add to this step:",
        paste=for_this_step("{endpoint_variable}", "http://172.17.0.1:{port}"),
    ),
    (NOT_TLS, SERVICE): Cause(
        "Something on the way answers in place of the service, and without TLS.",
        "Have the network let connections to this host through unchanged.",
    ),
    (NOT_TLS, BY_PROXY): Cause(
        "The proxy that `{variable}` names does not speak TLS, or answers in place of the host. Most proxies are reached by "
        "`http://`, also for hosts with `https://`.",
        "Let the URL in `{variable}` start with `http://`.",
    ),
    (NOT_TLS, BY_ENDPOINT): Cause(
        "The URL in `{source}` starts with `https://`, and what it names does not speak TLS.",
        "Let the URL start with `http://`. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (FOREIGN_ANSWER, SERVICE): Cause(
        "That is no answer of the service: something in between answered in its place, or changed the answer, such as a "
        "proxy, a firewall or a login page of the network.",
        "Have the network let requests to this host through unchanged.",
    ),
    (FOREIGN_ANSWER, BY_ENDPOINT): Cause(
        "What `{source}` names answered as no service of AWS does.",
        "Correct the URL. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (TLS, ANY): Cause(
        "No public authority signed the certificate: a proxy or an endpoint with an authority of its own is in between.",
        "Put that authority into a PEM file in the workspace, and add to this step:",
        paste=for_this_step("AWS_CA_BUNDLE", "/github/workspace/<path of the file>"),
    ),
    (CA_FILE, ANY): Cause(
        "`{variable}` names the certificate authorities that are trusted, in place of the public ones.",
        "It has to name a PEM file, by its path in the container: the workspace is /github/workspace there. If nothing on the "
        "way has an authority of its own, add to this step:",
        paste=_WITHOUT,
    ),
    (HOSTNAME, SERVICE): Cause(
        "Something else answers at this address.",
        "Check the runner's resolver: it leads this name elsewhere.",
    ),
    (HOSTNAME, BY_PROXY): Cause(
        "Something else answers at this address, or the proxy that `{variable}` names has a certificate for another name.",
        "If the proxy's URL starts with `https://`, let it use the name in the certificate. Otherwise check the proxy's "
        "resolver.",
    ),
    (HOSTNAME, BY_ENDPOINT): Cause(
        "`{source}` names the host by another name than its certificate.",
        "Use the name in the certificate. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (CERTIFICATE_DATE, SERVICE): Cause(
        "Certificates of GitHub and AWS are renewed in time, so the clock of the runner is wrong.",
        "Correct the clock of the self-hosted runner.",
    ),
    (CERTIFICATE_DATE, BY_PROXY): Cause(
        "The clock of the runner is wrong, or the proxy that `{variable}` names signs with an authority that has expired.",
        "Correct the clock of the self-hosted runner, or renew the authority.",
    ),
    (CERTIFICATE_DATE, BY_ENDPOINT): Cause(
        "The certificate of what `{source}` names has expired, or is not yet valid.",
        "Renew it. If this step is to call AWS, add to it:",
        paste=CALL_AWS,
    ),
    (PROXY_LOGIN, ANY): Cause(
        "The proxy wants another user or password than `{variable}` has.",
        "Write both into the variable, percent-encoded, the password from a secret of the repository:",
        paste=for_this_step("{variable}", "http://<user>:${{{{ secrets.PROXY_PASSWORD }}}}@<proxy>:<port>"),
    ),
    (PROXY, ANY): Cause(
        "The proxy that `{variable}` names does not allow this host.",
        "Have it allow the host. If the runner reaches the host directly, add to this step, next to what the variable has:",
        paste=for_this_step("no_proxy", "{host}"),
    ),
    (NOT_A_PROXY, ANY): Cause(
        "What `{variable}` names is a web server, and no proxy.",
        "Correct it. If this step needs no proxy, add to it:",
        paste=_WITHOUT,
    ),
    (PROXY_URL, ANY): Cause(
        "The variable names the proxy for this connection, and programs would read it in different ways.",
        "Correct its value: `http://user:password@proxy.example:3128`, with user and password percent-encoded.",
    ),
}

LACKING_AUTHORITY = Cause(
    "`{variable}` names the certificate authorities that are trusted, in place of the public ones, and the one that signed "
    "this certificate is not among them.",
    "Add it to the file, next to the public ones. If nothing on the way has an authority of its own, add to this step:",
    paste=_WITHOUT,
)

NO_SUCH_VARIANT = Cause(
    "`{variant}` is set, and AWS has no such endpoint of this service in this region.",
    "Add to this step:",
    paste=for_this_step("{variant}", '"false"'),
)
