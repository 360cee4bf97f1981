"""What can be set, by options of the command, variables, and arguments of Python. pytest imports this in each run."""

from collections.abc import Mapping

PREFIX = "COGNITO_TEST_USER_"
"""Of the variables that stand for options: `COGNITO_TEST_USER_USER_POOL_ID` for `--user-pool-id`, and so on."""

POOL = {
    "user-pool-id": "the user pool, as in eu-central-1_AbCdEfGhI",
    "role-to-assume": "the ARN of a role to assume with the CI's ID token; without it: profiles, SSO, variables",
    "role-session-name": "the name of the role's session, which CloudTrail shows",
    "audience": "the audience of GitHub's ID token",
}
"""The options of every subcommand that names a pool, and what they say."""

SIGN_IN = {
    "client-id": "an app client: the user is signed in, and the tokens are handed over",
    "client-secret": f"its secret, if it has one; better in the variable {PREFIX}CLIENT_SECRET",
    "auth-flow": "USER_PASSWORD_AUTH, USER_SRP_AUTH, USER_AUTH, ADMIN_USER_PASSWORD_AUTH, none, or auto",
    "client-metadata": "for the pool's Lambda triggers, lines name=value",
}

INPUTS: Mapping[str, Mapping[str, str]] = {
    "run": {
        **POOL,
        "email-domain": "the domain of the made-up address; '' for none",
        "phone-number": "a phone number, in E.164 form",
        "attributes": "further attributes, lines name=value",
        "groups": "groups to join, separated by commas or line breaks",
        "password-length": "8 to 256",
        **SIGN_IN,
        "sign-up": "whether the user signs up, as in the app: true or false",
        "storage-state-origin": "the app's origin: a file with the browser state is written",
        "identity-pool-id": "an identity pool, whose AWS credentials are handed over as COGNITO_AWS_…",
        "users": "several users, as YAML or JSON",
        "mask-username": "whether GitHub's log hides the username: true or false",
        "cleanup": "whether the users are deleted: true or false",
        "cleanup-failure": "what a failed deletion is: warning or error, which fails a run that succeeded",
    },
    "cleanup": {},
    "sweep": {
        **POOL,
        "older-than": "how old a user has to be: 90s, 30m, 24h or 2d, for example",
        "max-deletes": "how many are deleted at most",
        "dry-run": "whether users are only listed: true or false",
    },
    "adopt": {**POOL, "username": "the name of the user", "password-length": "8 to 256", **SIGN_IN},
    "delete": {**POOL, "username": "the name of the user, or several names, one per line"},
}
"""The inputs of each subcommand's model, and what its help says of them."""

SETTINGS = {
    "state-dir": "the folder of the journals",
    "place": "a name for where this runs, by which sweep knows its users; not in GitHub",
    "web-identity-token-file": "a file with the CI's ID token",
    "web-identity-token-command": "a command that prints a new ID token of the CI",
}
"""The options that the action does not have."""

SUBCOMMANDS = {
    "run": "create users, run a command with their credentials, and delete them",
    "cleanup": "delete users that crashed or killed runs have left",
    "sweep": "delete old users of this place, also those whose journal is lost",
    "adopt": "give a user whom `run --cleanup false` left a new password, and run a command with it",
    "delete": "delete users whom `run --cleanup false` left",
}

WITH_COMMAND = ("run", "adopt")


def keyword_of(name: str) -> str:
    """The name as Python takes it, in a keyword argument for example."""
    return name.replace("-", "_")


def variable_of(name: str) -> str:
    """The variable that stands for an option."""
    return PREFIX + keyword_of(name).upper()


def options_of(subcommand: str) -> dict[str, str]:
    """All options of a subcommand, with what its help says of them; a cleanup asks the journals for their place."""
    settings = {name: text for name, text in SETTINGS.items() if name != "place" or subcommand != "cleanup"}
    return {**INPUTS.get(subcommand, {}), **settings}


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """The variables with our prefix that stand for no option of any subcommand."""
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in VARIABLES)


VARIABLES = frozenset(map(variable_of, (name for names in (*INPUTS.values(), SETTINGS) for name in names)))
"""All variables that stand for options."""
