"""The causes why a certificate is not accepted, by who is at the other end."""

from collections.abc import Mapping

from cognito_action.diagnostics.causes import Cause
from cognito_action.diagnostics.phrases import CALL_AWS, CALL_AWS_INSTEAD, CORRECT_CLOCK, NO_OWN_AUTHORITY, WITHOUT
from cognito_action.errors import CA_FILE, CERTIFICATE_DATE, HOSTNAME, TLS
from cognito_action.words import Variable, Words

SERVICE, BY_PROXY, BY_ENDPOINT, ANY = "the service", "a proxy", "an endpoint URL", "any"
"""Who is at the other end."""

CERTIFICATES: Mapping[tuple[str, str], Cause] = {
    (TLS, ANY): Cause(
        "No public authority signed the certificate: a proxy or an endpoint with an authority of its own is in between.",
        Words(
            "Put that authority into a PEM file in the workspace, and add to this step:",
            "Put that authority into a PEM file, and run this before it:",
        ),
        paste=Variable("AWS_CA_BUNDLE", Words("/github/workspace/<path of the file>", "<path of the file>")),
    ),
    (CA_FILE, ANY): Cause(
        "`{variable}` names the certificate authorities that are trusted, in place of the public ones.",
        Words(
            "It has to name a PEM file, by its path in the container: the workspace is /github/workspace there. If nothing on the "
            "way has an authority of its own, add to this step:",
            "It has to name a PEM file. If nothing on the way has an authority of its own, run this before it:",
        ),
        paste=WITHOUT,
    ),
    (HOSTNAME, SERVICE): Cause(
        "Something else answers at this address.",
        "Check this machine's resolver: it leads this name elsewhere.",
    ),
    (HOSTNAME, BY_PROXY): Cause(
        "Something else answers at this address, or the proxy that `{variable}` names has a certificate for another name.",
        "If the proxy's URL starts with `https://`, let it use the name in the certificate. Otherwise check the proxy's "
        "resolver.",
    ),
    (HOSTNAME, BY_ENDPOINT): Cause(
        "`{source}` names the host by another name than its certificate.",
        CALL_AWS_INSTEAD.within("Use the name in the certificate. {}"),
        paste=CALL_AWS,
    ),
    (CERTIFICATE_DATE, SERVICE): Cause(
        Words(
            "Certificates of GitHub and AWS are renewed in time, so the clock of the runner is wrong.",
            "The certificates of AWS are renewed in time, so this machine's clock is wrong.",
        ),
        CORRECT_CLOCK,
    ),
    (CERTIFICATE_DATE, BY_PROXY): Cause(
        "This machine's clock is wrong, or the proxy that `{variable}` names signs with an authority that has expired.",
        Words(
            "Correct the clock of the self-hosted runner, or renew the authority.",
            "Correct this machine's clock, or renew the authority.",
        ),
    ),
    (CERTIFICATE_DATE, BY_ENDPOINT): Cause(
        "The certificate of what `{source}` names has expired, or is not yet valid.",
        CALL_AWS_INSTEAD.within("Renew it. {}"),
        paste=CALL_AWS,
    ),
}

LACKING_AUTHORITY = Cause(
    "`{variable}` names the certificate authorities that are trusted, in place of the public ones, and the one that signed "
    "this certificate is not among them.",
    NO_OWN_AUTHORITY.within("Add it to the file, next to the public ones. {}"),
    paste=WITHOUT,
)
