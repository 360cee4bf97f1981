"""What is given to a step: inputs of every kind, hostile ones among them, and the state that a main left to post."""

from collections.abc import Mapping

from hypothesis import strategies as st

from cognito_action.aws.iam import Role
from cognito_action.users.records import Entry, Setup
from tests.support.app_clients import CLIENT_ID, CLIENT_SECRET
from tests.support.examples import EMAIL, ENDPOINTS, NAME, PHONE, POOL_ID, ROLE_ARN, SIMULATED, SUB, TEXT
from tests.support.hostile_answers import HOSTILE
from tests.support.inputs import input_variables

Environ = Mapping[str, str]

IDENTITY_POOL = "eu-central-1:1a2b3c4d-1111-2222-3333-444455556666"
IDENTITY = "eu-central-1:00000001-2222-3333-4444-555555555555"

WORD = st.lists(
    st.sampled_from(("::error::", "##[save-state_name=user-1]evil", "%0A", "`", "'", '"', "$(x)", "é", "😀", "a")),
    min_size=1,
    max_size=5,
).map(lambda parts: "".join(parts)[:32])
PAIRS = st.dictionaries(WORD, TEXT.map(lambda text: " ".join(text.split())[:2000]), max_size=3)
LINES = PAIRS.map(lambda pairs: "\n".join(f"{name}={value}" for name, value in pairs.items()))
GROUPS = st.lists(WORD, max_size=2).map("\n".join)
USER = st.fixed_dictionaries({}, optional={"groups": st.lists(WORD, max_size=2), "attributes": PAIRS})
EXPECTED = st.just({"create": False})
ROLE = {"role_to_assume": st.sampled_from((ROLE_ARN, ROLE_ARN, ""))}
CLIENT = {
    "client_id": st.just(CLIENT_ID),
    "client_secret": st.sampled_from(("", CLIENT_SECRET)),
    "auth_flow": st.sampled_from(
        ("auto", "USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "ADMIN_USER_PASSWORD_AUTH")
    ),
    "client_metadata": LINES,
}


def given(**named: str) -> Environ:
    """The environment of a step with these inputs, and a role unless they say otherwise; `_` in names means `-`."""
    named = {"user_pool_id": POOL_ID, "role_to_assume": ROLE_ARN, **named}
    return input_variables(**named)


def inputs(always: Mapping[str, st.SearchStrategy[str]], **often: st.SearchStrategy[str]) -> st.SearchStrategy[Environ]:
    """The environment of a step with inputs of these kinds."""
    return st.fixed_dictionaries({**ROLE, **always}, optional=often).map(lambda named: given(**named))


def saved(entries: list[Entry], setup: Setup) -> Environ:
    """The environment of a post whose main saved these."""
    users = {f"STATE_user-{number}": entry.text for number, entry in enumerate(entries, 1)}
    return {"STATE_setup": setup.text, "STATE_users": str(len(entries)), **users}


STATE = st.builds(
    saved,
    st.lists(
        st.builds(
            Entry,
            name=st.sampled_from((NAME, EMAIL, SIMULATED)),
            phone_number=st.sampled_from(("", PHONE)),
            username=st.sampled_from(("", SUB)) | HOSTILE,
            sub=st.sampled_from(("", SUB)) | HOSTILE,
            identity_id=st.sampled_from(("", IDENTITY)) | HOSTILE,
            expected=st.booleans(),
        ),
        min_size=1,
        max_size=3,
    ),
    st.builds(
        Setup,
        pool_id=st.just(POOL_ID),
        region=st.just("eu-central-1"),
        role=st.sampled_from((Role(ROLE_ARN, "session", "sts.amazonaws.com"), None)),
        credentials=st.just(""),
        endpoints=st.just(ENDPOINTS),
        proxies=st.just(""),
        cleanup_failure=st.sampled_from(("warning", "error")),
        identity_pool_id=st.sampled_from(("", IDENTITY_POOL)),
    ),
)
