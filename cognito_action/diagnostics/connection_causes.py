"""The causes why a service is not reached, by who is at the other end: itself, a proxy, or what an endpoint URL names."""

from collections.abc import Mapping

from cognito_action.diagnostics.causes import Cause
from cognito_action.diagnostics.certificate_causes import ANY, BY_ENDPOINT, BY_PROXY, CERTIFICATES, SERVICE
from cognito_action.diagnostics.phrases import CALL_AWS, CALL_AWS_INSTEAD, NO_PROXY, WITHOUT
from cognito_action.errors import (
    FOREIGN_ANSWER,
    NETWORK,
    NO_ANSWER,
    NO_HOST,
    NOT_A_PROXY,
    NOT_TLS,
    OWN_CONTAINER,
    PROXY,
    PROXY_LOGIN,
    PROXY_URL,
)
from cognito_action.words import Variable, Words

CAUSES: Mapping[tuple[str, str], Cause] = {
    (NETWORK, SERVICE): Cause(
        "The connection was not made, or it broke.",
        Words(
            "On a self-hosted runner, let containers reach this host on port 443, and set `https_proxy` if there is a proxy. "
            "Otherwise run the job again.",
            "Check that this machine reaches this host on port 443, and set `https_proxy` if there is a proxy. Then run it again.",
        ),
    ),
    (NETWORK, BY_PROXY): Cause(
        "The connection goes through the proxy that `{variable}` names, and was not made, or it broke.",
        NO_PROXY.within("Check the proxy. {}"),
        paste=WITHOUT,
    ),
    (NETWORK, BY_ENDPOINT): Cause(
        "`{source}` names another place than AWS, and no one answers there.",
        CALL_AWS_INSTEAD.within("See that what it names is running. {}"),
        paste=CALL_AWS,
    ),
    (NO_ANSWER, SERVICE): Cause(
        "No answer came in time.",
        "Run it again. If it happens each time, look at this machine's resolver, and for a firewall or a proxy on the way that "
        "holds answers back.",
    ),
    (NO_ANSWER, BY_PROXY): Cause(
        "The connection goes through the proxy that `{variable}` names, and no answer came in time.",
        NO_PROXY.within("Look at the proxy's log. {}"),
        paste=WITHOUT,
    ),
    (NO_ANSWER, BY_ENDPOINT): Cause(
        "`{source}` names another place than AWS, and no answer came in time.",
        CALL_AWS_INSTEAD.within("Look at the log of what it names. {}"),
        paste=CALL_AWS,
    ),
    (NO_HOST, SERVICE): Cause(
        "There is no endpoint of this name, or this machine's resolver does not know it.",
        "Check {origin}, which the name is made from. If that is right, check the resolver of this machine.",
    ),
    (NO_HOST, BY_PROXY): Cause(
        "`{variable}` names a proxy whose host does not exist.",
        NO_PROXY.within("Correct it. {}"),
        paste=WITHOUT,
    ),
    (NO_HOST, BY_ENDPOINT): Cause(
        Words(
            "`{source}` names a host that the action's container does not know.",
            "`{source}` names a host that does not exist.",
        ),
        Words(
            "A service of the job is reached by its label under `services:`. If this step is to call AWS, add to it:",
            "Correct it. To call AWS instead, run this before it:",
        ),
        paste=CALL_AWS,
    ),
    (OWN_CONTAINER, BY_PROXY): Cause(
        "In `{variable}`, `localhost` is the action's own container, where no proxy runs.",
        "What runs on the runner has to listen on 0.0.0.0, and not on 127.0.0.1 alone; then add to this step:",
        paste=Variable("{variable}", "http://172.17.0.1:{port}"),
    ),
    (OWN_CONTAINER, BY_ENDPOINT): Cause(
        "In `{source}`, `localhost` is the action's own container, where nothing else runs.",
        "A service of the job is reached by its label: `http://<label>:{port}`. To call AWS instead, set "
        "`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: true`. What a step has started on the runner has to listen on 0.0.0.0, and "
        "not on 127.0.0.1 alone; then add to this step:",
        paste=Variable("{endpoint_variable}", "http://172.17.0.1:{port}"),
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
        CALL_AWS_INSTEAD.within("Let the URL start with `http://`. {}"),
        paste=CALL_AWS,
    ),
    (FOREIGN_ANSWER, SERVICE): Cause(
        "That is no answer of the service: something in between answered in its place, or changed the answer, such as a "
        "proxy, a firewall or a login page of the network.",
        "Have the network let requests to this host through unchanged.",
    ),
    (FOREIGN_ANSWER, BY_ENDPOINT): Cause(
        "What `{source}` names answered as no service of AWS does.",
        CALL_AWS_INSTEAD.within("Correct the URL. {}"),
        paste=CALL_AWS,
    ),
    **CERTIFICATES,
    (PROXY_LOGIN, ANY): Cause(
        "The proxy wants another user or password than `{variable}` has.",
        Words(
            "Write both into the variable, percent-encoded, the password from a secret of the repository:",
            "Write both into the variable, percent-encoded:",
        ),
        paste=Variable(
            "{variable}",
            Words(
                "http://<user>:${{{{ secrets.PROXY_PASSWORD }}}}@<proxy>:<port>",
                "http://<user>:<password>@<proxy>:<port>",
            ),
        ),
    ),
    (PROXY, ANY): Cause(
        "The proxy that `{variable}` names does not allow this host.",
        Words(
            "Have it allow the host. If the runner reaches the host directly, add to this step, next to what the variable has:",
            "Have it allow the host. If this machine reaches the host directly, run this before it, with what the variable has:",
        ),
        paste=Variable("no_proxy", Words("{host}", "{host},<what it has>")),
    ),
    (NOT_A_PROXY, ANY): Cause(
        "What `{variable}` names is a web server, and no proxy.",
        NO_PROXY.within("Correct it. {}"),
        paste=WITHOUT,
    ),
    (PROXY_URL, ANY): Cause(
        "The variable names the proxy for this connection, and programs would read it in different ways.",
        "Correct its value: `http://user:password@proxy.example:3128`, with user and password percent-encoded.",
    ),
}

NO_SUCH_VARIANT = Cause(
    "`{variant}` is set, and AWS has no such endpoint of this service in this region.",
    Words("Add to this step:", "Run this before it:"),
    paste=Variable("{variant}", "false"),
)
