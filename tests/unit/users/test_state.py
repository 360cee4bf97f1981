"""What main tells post: read back as written, and ignored if anyone else wrote it."""

import json
import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.aws.endpoints import Endpoints
from cognito_action.aws.iam import Role
from cognito_action.concurrency import map_concurrently
from cognito_action.github.runner import Runner
from cognito_action.naming import Run
from cognito_action.users.records import Entry, Setup
from cognito_action.users.state import FILE, SavedState, State
from tests.support.examples import ANY_TEXT, EMAIL, NAME, PHONE, POOL_ID, PREFIX, ROLE_ARN, RUN_ENVIRON, SUB
from tests.support.recorder import Recorder

RUN = Run.from_environ(RUN_ENVIRON)
UUID = "99999999-8888-7777-6666-555555555555"
SIMULATED = f"success+{NAME}@simulator.amazonses.com"
FILE_NAME = "cognito-test-user-0123456789abcdef0123456789abcdef.json"
AWS = Endpoints(cognito_idp="", sts="", fips=False, dual_stack=False)
OTHERS = Endpoints("https://cognito.example:4566", "https://sts.example:4566", fips=True, dual_stack=True)
SETUP = Setup(
    pool_id=POOL_ID,
    region="eu-central-1",
    role=Role(ROLE_ARN, "session", "sts.amazonaws.com"),
    credentials="",
    endpoints=AWS,
    proxies="",
    cleanup_failure="error",
)


AWS_TEXT = (
    '{"cognito_idp":"","sts":"","fips":false,"dual_stack":false,"cognito_idp_source":"","sts_source":"",'
    '"cognito_identity":"","cognito_identity_source":""}'
)


def post_of(recorder: Recorder) -> SavedState:
    """What post reads from the state that main wrote."""
    return SavedState.from_environ({f"STATE_{key}": value for key, value in recorder.stage.state.items()}, RUN)


def saved(*entries: object, **environ: str) -> SavedState:
    """What post reads from these entries: strings as they are, everything else as JSON."""
    texts = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    counts = {"STATE_users": str(len(texts)), "STATE_files": "2"}
    return SavedState.from_environ(
        {**counts, **{f"STATE_user-{n}": text for n, text in enumerate(texts, 1)}, **environ}, RUN
    )


# Main writes, post reads


@pytest.mark.parametrize("role", [None, Role(ROLE_ARN, "session", "sts.amazonaws.com")])
@pytest.mark.parametrize("endpoints", [AWS, OTHERS])
@pytest.mark.parametrize("proxies", ["", "https_proxy=http://proxy.example:3128, no_proxy=.internal,::1"])
def test_setup_is_read_back(recorder: Recorder, role: Role | None, endpoints: Endpoints, proxies: str) -> None:
    """Pool, role, fingerprint, endpoints, proxies and failure level are the ones that main worked with."""
    setup = Setup(
        pool_id=POOL_ID,
        region="eu-central-1",
        role=role,
        credentials="0123456789abcdef",
        endpoints=endpoints,
        proxies=proxies,
        cleanup_failure="error",
    )

    State(recorder.runner).setup(setup)

    assert post_of(recorder) == SavedState(setup=setup, kept=False, entries=(), files=(), foreign=())


@given(
    attempt=st.integers(0, 999999),
    phone=st.sampled_from(["", PHONE]),
    username=ANY_TEXT.filter(str.isprintable),
    unanswered=st.integers(0, 1000),
    last_unanswered=st.integers(0, 10**10),
    taken=st.booleans(),
    expected=st.booleans(),
    form=st.sampled_from(["{}", "{}@example.com", "success+{}@simulator.amazonses.com"]),
)
def test_entry_is_read_back(
    attempt: int,
    phone: str,
    username: str,
    unanswered: int,
    last_unanswered: int,
    form: str,
    *,
    taken: bool,
    expected: bool,
) -> None:
    """Each field of an entry comes back as it was, in every attempt of the run."""
    entry = Entry(
        name=form.format(f"gha-123456789-9876543210-{attempt}-0123456789abcdef"),
        phone_number=phone,
        username=username,
        sub=SUB,
        unanswered=unanswered,
        last_unanswered=last_unanswered,
        taken=taken,
        expected=expected,
    )

    assert saved(entry.text).entries == (entry,)


def test_each_entry_has_its_own_key(recorder: Recorder) -> None:
    """A second user does not take the first one's place; the last value of a key counts."""
    state = State(recorder.runner)
    first, second = state.new_user(), state.new_user()
    first.save(Entry(name=NAME))
    second.save(Entry(name=EMAIL))
    first.save(Entry(name=NAME, username=NAME, sub=SUB))

    assert (first.id, second.id) == ("user-1", "user-2")
    assert post_of(recorder).entries == (Entry(name=NAME, username=NAME, sub=SUB), Entry(name=EMAIL))


def test_discarded_entry_is_gone(recorder: Recorder) -> None:
    """A user who was refused is neither an entry nor a foreign one."""
    state = State(recorder.runner)
    user = state.new_user()
    user.save(Entry(name=NAME))
    user.discard()

    assert post_of(recorder) == SavedState(setup=None, kept=False, entries=(), files=(), foreign=())


def test_users_are_kept_if_main_says_so(recorder: Recorder) -> None:
    """Main's last action tells post to keep the user with one key; the others are to be deleted."""
    state = State(recorder.runner)
    state.new_user().save(Entry(name=NAME))
    state.new_user().save(Entry(name=NAME, username=NAME))
    state.keep(["user-2"])

    assert post_of(recorder) == SavedState(setup=None, kept=True, entries=(Entry(name=NAME),), files=(), foreign=())


@pytest.mark.parametrize(("kept", "left"), [(["user-1"], [1, 2]), (["user-1", "user-3"], [1]), (["user-3"], [0, 1])])
def test_exactly_the_users_that_main_names_are_kept(recorder: Recorder, kept: list[str], left: list[int]) -> None:
    """There may be one key or several; a user who was not output is deleted."""
    state = State(recorder.runner)
    entries = [Entry(name=NAME), Entry(name=EMAIL), Entry(name=NAME, username=NAME)]
    for entry in entries:
        state.new_user().save(entry)
    state.keep(kept)

    assert post_of(recorder).entries == tuple(entries[number] for number in left)
    assert post_of(recorder).kept is True


def test_keys_of_many_users_are_read_in_order(recorder: Recorder) -> None:
    """user-2 comes before user-10."""
    state = State(recorder.runner)
    entries = [Entry(name=f"{PREFIX}{number:016x}") for number in range(50)]
    for entry in entries:
        state.new_user().save(entry)

    assert post_of(recorder).entries == tuple(entries)


@pytest.mark.parametrize("value", ["", "true", "1", "user-2", "user-1\n", "setup", " ", "user-", "user", "keep"])
def test_other_values_do_not_keep_a_user(value: str) -> None:
    """Only the key of an entry counts."""
    state = saved(Entry(name=NAME).text, STATE_keep=value)

    assert (state.kept, len(state.entries)) == (False, 1)


def test_inputs_are_ignored() -> None:
    """The runner evaluates them again at the end of the job."""
    environ = {"INPUT_USER-POOL-ID": "us-east-1_Other", "INPUT_CLEANUP": "false", "user-1": NAME}

    assert saved(**environ) == SavedState(setup=None, kept=False, entries=(), files=(), foreign=())


# Files


def test_files_are_named_before_they_are_written(recorder: Recorder) -> None:
    """Each has its own key, and a name that no one can guess and that post recognizes."""
    state, random = State(recorder.runner), Random(1)
    names = (state.new_file(random), state.new_file(random))

    assert list(recorder.stage.state) == ["file-1", "files", "file-2"]
    assert post_of(recorder).files == names
    assert all(FILE.fullmatch(name) for name in names)
    assert len(set(names)) == 2


def test_files_of_kept_users_are_still_removed(recorder: Recorder) -> None:
    """They are useful only in this job."""
    state = State(recorder.runner)
    state.new_user().save(Entry(name=NAME))
    name = state.new_file(Random(1))
    state.keep(["user-1"])

    assert (post_of(recorder).entries, post_of(recorder).files) == ((), (name,))


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "../../etc/passwd",
        f"../{FILE_NAME}",
        f"/{FILE_NAME}",
        f"/etc/{FILE_NAME}",
        f"./{FILE_NAME}",
        f"a/{FILE_NAME}",
        f"{FILE_NAME}/",
        f"{FILE_NAME}\n",
        f"{FILE_NAME} ",
        f"{FILE_NAME}\x00",
        FILE_NAME.upper(),
        FILE_NAME.replace("0", "g"),
        FILE_NAME.replace(".json", ""),
        FILE_NAME.replace("-user", ""),
        FILE_NAME.replace("01", "1"),
    ],
)
def test_file_that_main_did_not_name_is_foreign(text: str) -> None:
    """No path leads out of the folder, and no other file in it is accepted."""
    state = saved(**{"STATE_file-1": text, "STATE_file-2": FILE_NAME})

    assert (state.files, state.foreign) == ((FILE_NAME,), ("file-1",))


@given(text=ANY_TEXT)
def test_no_state_yields_a_file_outside_the_folder(text: str) -> None:
    """Whatever the state says, what would be removed has one of main's names."""
    assert all(FILE.fullmatch(name) for name in saved(**{"STATE_file-1": text}).files)


# The deletion key


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (Entry(name=NAME), NAME),
        (Entry(name=EMAIL), EMAIL),
        (Entry(name=NAME, username=NAME, sub=SUB), NAME),
        (Entry(name=EMAIL, username=EMAIL, sub=SUB), EMAIL),
        (Entry(name=EMAIL, username=UUID, sub=UUID), UUID),
        (Entry(name=EMAIL, phone_number=PHONE, username=UUID, sub=UUID), UUID),
        (Entry(name=EMAIL, phone_number=PHONE), ""),
        (Entry(name=NAME, phone_number=PHONE), ""),
        (Entry(name=EMAIL, phone_number=PHONE, username=PHONE, sub=SUB), ""),
        (Entry(name=EMAIL, phone_number=PHONE, username=EMAIL, sub=SUB), EMAIL),
        (Entry(name=EMAIL, username="ada@example.com", sub=SUB), EMAIL),
        (Entry(name=EMAIL, username="admin", sub=SUB), EMAIL),
        (Entry(name=EMAIL, username=f"{UUID}\n", sub=SUB), EMAIL),
        (Entry(name=EMAIL, username=UUID.upper().replace("9", "A"), sub=SUB), EMAIL),
        (Entry(name=EMAIL, username=f"{UUID}0", sub=SUB), EMAIL),
        (Entry(name=EMAIL, username=f"{UUID} {UUID}", sub=SUB), EMAIL),
    ],
)
def test_deletion_key_is_the_generated_name_or_an_id(entry: Entry, key: str) -> None:
    """What Cognito returned counts if it is one of the two; a phone number never does."""
    assert entry.deletion_names == ((key,) if key else ())


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (Entry(name=EMAIL, expected=True), (EMAIL, NAME)),
        (Entry(name=SIMULATED, expected=True), (SIMULATED, NAME)),
        (Entry(name=NAME, expected=True), (NAME,)),
        (Entry(name=EMAIL, phone_number=PHONE, expected=True), (EMAIL, NAME)),
        (Entry(name=NAME, phone_number=PHONE, expected=True), (NAME,)),
        (Entry(name=EMAIL, username="admin", expected=True), (EMAIL, NAME)),
        (Entry(name=EMAIL, username=UUID, expected=True), (EMAIL, NAME)),
        (Entry(name=SIMULATED), (SIMULATED,)),
        (Entry(name=SIMULATED, username=UUID, sub=UUID), (UUID,)),
        (Entry(name=SIMULATED, sub=UUID), (UUID, SIMULATED)),
        (Entry(name=SIMULATED, sub="admin"), (SIMULATED,)),
        (Entry(name=SIMULATED, phone_number=PHONE, sub=UUID), (UUID,)),
        (Entry(name=SIMULATED, username=NAME), (SIMULATED,)),
    ],
)
def test_user_whose_username_is_not_known_has_two_deletion_keys(entry: Entry, keys: tuple[str, ...]) -> None:
    """Both are whole generated names, and no one knows which of them the form took; never a number.

    A user who signed up by its address may be known by the `sub` or by the address.
    """
    assert entry.deletion_names == keys


@pytest.mark.parametrize(
    ("entry", "needed"),
    [
        (Entry(name=EMAIL, phone_number=PHONE, expected=True), True),
        (Entry(name=SIMULATED, phone_number=PHONE, expected=True), True),
        (Entry(name=NAME, phone_number=PHONE, expected=True), False),
        (Entry(name=EMAIL, expected=True), False),
        (Entry(name=EMAIL, phone_number=PHONE), True),
        (Entry(name=EMAIL, phone_number=PHONE, username=PHONE), True),
        (Entry(name=EMAIL, phone_number=PHONE, username=UUID), False),
        (Entry(name=NAME, phone_number=PHONE), False),
        (Entry(name=EMAIL), False),
        (Entry(name=NAME), False),
    ],
)
def test_lookup_is_needed_if_only_the_address_identifies_the_user(entry: Entry, *, needed: bool) -> None:
    """A number without a key is looked up, provided that a generated address marks the user as ours."""
    assert entry.needs_lookup is needed


@pytest.mark.parametrize(
    ("entry", "late"),
    [
        (Entry(name=NAME, username=NAME, sub=SUB), None),
        (Entry(name=EMAIL), None),
        (Entry(name=EMAIL, expected=True), None),
        (Entry(name=EMAIL, phone_number=PHONE, expected=True), None),
        (Entry(name=EMAIL, unanswered=1, last_unanswered=7), Entry(name=EMAIL, unanswered=1, last_unanswered=7)),
        (Entry(name=EMAIL, username=UUID, sub=UUID, unanswered=2), Entry(name=EMAIL, unanswered=2)),
        (Entry(name=EMAIL, username="admin", sub=SUB, unanswered=2), Entry(name=EMAIL, unanswered=2)),
        (Entry(name=EMAIL, phone_number=PHONE), None),
        (
            Entry(name=EMAIL, phone_number=PHONE, username=UUID, sub=UUID, unanswered=1),
            Entry(name=EMAIL, phone_number=PHONE, unanswered=1),
        ),
        (Entry(name=EMAIL, phone_number=PHONE, taken=True), Entry(name=EMAIL, phone_number=PHONE, taken=True)),
        (Entry(name=NAME, phone_number=PHONE, unanswered=1), None),
        (Entry(name=NAME, phone_number=PHONE, username=UUID, sub=UUID, unanswered=1), None),
        (Entry(name=NAME, phone_number=PHONE, unanswered=1, taken=True), None),
    ],
)
def test_late_user_is_what_an_unanswered_call_offered(entry: Entry, late: Entry | None) -> None:
    """Its ID is not known yet; if only a number could find it, no one can."""
    assert entry.possible_late_user == late


@pytest.mark.parametrize(
    ("username", "sub", "entry"),
    [
        (NAME, SUB, Entry(name=NAME, username=NAME, sub=SUB)),
        (UUID, UUID, Entry(name=NAME, username=UUID, sub=UUID)),
        ("admin", SUB, Entry(name=NAME, sub=SUB)),
        (PHONE, f"{SUB}\n", Entry(name=NAME)),
        ("a password", "a password", Entry(name=NAME)),
        ("", "", Entry(name=NAME)),
    ],
)
def test_answer_is_saved_only_if_it_is_a_name_or_an_id(username: str, sub: str, entry: Entry) -> None:
    """Other text may be anything, even a secret, and is of no use to post."""
    assert Entry(name=NAME).answered(username, sub) == entry


BY_NAME = f'username ^= "{PREFIX}"'
BY_ADDRESS = f'email ^= "{PREFIX}"'
BY_SIMULATED = f'email ^= "success+{PREFIX}"'


@pytest.mark.parametrize(
    ("entry", "filters"),
    [
        (Entry(name=NAME), (BY_NAME,)),
        (Entry(name=EMAIL), (BY_ADDRESS,)),
        (Entry(name=SIMULATED), (BY_SIMULATED,)),
        (Entry(name=EMAIL, phone_number=PHONE), (BY_ADDRESS,)),
        (Entry(name=NAME, phone_number=PHONE), ('phone_number = "<value of phone-number>"',)),
        (Entry(name=NAME, expected=True), (BY_NAME,)),
        (Entry(name=EMAIL, expected=True), (BY_ADDRESS, BY_NAME)),
        (Entry(name=SIMULATED, expected=True), (BY_SIMULATED, BY_NAME)),
        (Entry(name=SIMULATED, phone_number=PHONE, expected=True), (BY_SIMULATED, BY_NAME)),
    ],
)
def test_filters_find_the_user_and_show_no_name(entry: Entry, filters: tuple[str, ...]) -> None:
    """They end before the random part; an address that a form may have taken is one of two ways to find its user."""
    assert entry.filters == filters
    assert not [text for text in filters if NAME in text or PHONE in text]


# A `sub` that comes later


@pytest.mark.parametrize("name", [NAME, EMAIL, SIMULATED])
def test_sub_of_a_sign_in_names_the_user_from_then_on(recorder: Recorder, name: str) -> None:
    """What else the entry says stays as it is."""
    user = State(recorder.runner).new_user()
    user.save(Entry(name=name, unanswered=1, last_unanswered=7))
    user.save_sub(UUID)
    user.save_identity("eu-central-1:1a2b3c4d-1111-2222-3333-444455556666")

    [entry] = post_of(recorder).entries
    assert entry == Entry(
        name=name,
        username=name if name == NAME else "",
        sub=UUID,
        unanswered=1,
        last_unanswered=7,
        identity_id="eu-central-1:1a2b3c4d-1111-2222-3333-444455556666",
    )
    assert entry.deletion_names == ((NAME,) if name == NAME else (UUID, name))


@pytest.mark.parametrize("sub", ["", "admin", PHONE, f"{UUID}\n", UUID.upper().replace("9", "A"), "ada@example.com"])
def test_text_that_is_no_id_names_nobody(recorder: Recorder, sub: str) -> None:
    """A token says it, and the entry stays as it was."""
    user = State(recorder.runner).new_user()
    user.save(Entry(name=EMAIL))
    user.save_sub(sub)

    assert post_of(recorder).entries == (Entry(name=EMAIL),)
    assert recorder.stage.files["GITHUB_STATE"].count("user-1<<") == 1


# Tampering


def test_main_claims_every_key_before_it_does_anything_else(recorder: Recorder) -> None:
    """What a later step puts in the environment never reaches post under a key that main has written."""
    State(recorder.runner).begin()

    assert recorder.stage.state == {"setup": "", "keep": "", "users": "0", "files": "0"}


def test_key_and_count_are_one_write(recorder: Recorder) -> None:
    """If main is killed, it leaves no key that is not counted, and no count for a key that is not written."""
    writes: list[dict[str, str]] = []

    class Watched(Runner):
        def state(self, **values: str) -> None:
            writes.append(values)

    state = State(Watched({}, recorder.stdout))
    state.new_user().save(Entry(name=NAME))
    state.new_file(Random(1))

    assert [(list(values), values.get("users"), values.get("files")) for values in writes] == [
        (["user-1", "users"], "1", None),
        (["file-1", "files"], None, "1"),
    ]


def test_threads_keep_the_count_correct(recorder: Recorder) -> None:
    """Whoever is added last, the last count includes everyone."""
    state = State(recorder.runner)

    map_concurrently(lambda number: state.new_user().save(Entry(name=f"{PREFIX}{number:016x}")), range(200))

    assert recorder.stage.state["users"] == "200"
    assert len(post_of(recorder).entries) == 200


FORGED = Entry(name=NAME, username=UUID, sub=UUID).text


def test_entry_that_main_has_not_counted_is_left_alone(recorder: Recorder) -> None:
    """A later step of the job can set a variable with any name, especially one that contains a stranger's id."""
    state = State(recorder.runner)
    state.begin()
    state.new_user().save(Entry(name=EMAIL))
    forged = {"STATE_user-2": FORGED, "STATE_user-0": FORGED, "STATE_user-01": FORGED, "STATE_file-1": FILE_NAME}

    found = SavedState.from_environ(
        {**forged, **{f"STATE_{key}": value for key, value in recorder.stage.state.items()}}, RUN
    )

    assert (found.entries, found.files, found.kept) == ((Entry(name=EMAIL),), (), False)
    assert found.foreign == ("file-1", "user-0", "user-01", "user-2")


def test_nothing_can_be_forged_if_main_failed_at_once(recorder: Recorder) -> None:
    """Main claims the keys before it looks at its inputs: no one else can tell post what to work on."""
    State(recorder.runner).begin()
    forged = {"user-1": FORGED, "users": "1", "setup": SETUP.text, "keep": "user-1", "files": "1"}

    found = SavedState.from_environ(
        {f"STATE_{key}": value for key, value in {**forged, **recorder.stage.state}.items()}, RUN
    )

    assert found == SavedState(setup=None, kept=False, entries=(), files=(), foreign=("user-1",))


@pytest.mark.parametrize("count", ["", "0", "-1", "1.0", "one", " 1", "1\n", "٣", "10000", "1e1"])
def test_state_without_a_count_has_no_entries(count: str) -> None:
    """An older version counts nothing, and a newer one may count differently: this version ignores their entries."""
    found = saved(FORGED, STATE_users=count)

    assert (found.entries, found.foreign) == ((), ("user-1",))


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "admin"},
        {"name": "ada@example.com"},
        {"name": PHONE},
        {"name": UUID},
        {"name": ""},
        {"name": "admin", "username": NAME},
        {"name": "admin", "sub": SUB, "username": UUID},
        {"name": f"{NAME}\n"},
        {"name": f"x{NAME}"},
        {"name": "gha-1-9876543210-1-0123456789abcdef"},
        {"name": "gha-123456789-1-1-0123456789abcdef"},
        {"name": "gha-0123456789-9876543210-1-0123456789abcdef"},
        {"name": "gha-0-0-0-0123456789abcdef"},
        {"name": None},
        {"name": [NAME]},
        {"name": 1},
        {"name": NAME, "more": "x"},
        {"name": NAME, "username": None},
        {"name": NAME, "phone_number": 15555550123},
        {"name": NAME, "unanswered": "1"},
        {"name": NAME, "unanswered": None},
        {"name": NAME, "last_unanswered": 1.5},
        {"name": NAME, "last_unanswered": "1800000000"},
        {"name": NAME, "taken": 1},
        {"name": NAME, "taken": "true"},
        {"name": NAME, "outcome_unknown": True},
        {"name": NAME, "expected": 1},
        {"name": NAME, "expected": "true"},
        {"name": NAME, "expected": None},
        {"name": "ada@example.com", "expected": True},
        {"name": f"success+{NAME}", "expected": True},
        {"name": f"success+{EMAIL}", "expected": True},
        {"name": f"success+{NAME}@simulator.amazonses.com.example.com", "expected": True},
        {"name": "success+gha-1-9876543210-1-0123456789abcdef@simulator.amazonses.com", "expected": True},
        {"username": NAME},
        {},
        [],
        None,
        NAME,
        json.dumps(NAME),
        "{",
        "{" * 10_000,
        "\udcff",
        '{"name": "\udcff"}',
    ],
)
def test_entry_that_this_run_did_not_write_is_foreign(entry: object) -> None:
    """A name from a stranger, another run or another repository is left alone, and so is any other form."""
    state = saved({"name": NAME}, entry)

    assert state.entries == (Entry(name=NAME),)
    assert state.foreign == ("user-2",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "{}",
        "null",
        '{"pool_id": "us-east-1_A"}',
        SETUP.text.replace('"error"', '"ignore"'),
        SETUP.text.replace("}", ', "more": "x"}'),
        SETUP.text.replace(f'"{POOL_ID}"', "1"),
        SETUP.text.replace('"session_name"', '"name"'),
        SETUP.text.replace('"proxies":""', '"proxies":null'),
        SETUP.text.replace(',"proxies":""', ""),
        SETUP.text.replace('"endpoints":{', '"endpoint":{'),
        SETUP.text.replace('"cognito_idp":""', '"cognito_idp":null'),
        SETUP.text.replace('"sts":""', '"sts":[]'),
        SETUP.text.replace('"sts":"",', ""),
        SETUP.text.replace('"fips":false', '"fips":"false"'),
        SETUP.text.replace('"fips":false', '"fips":0'),
        SETUP.text.replace('"dual_stack":false', '"dual_stack":false,"more":1'),
        SETUP.text.replace(AWS_TEXT, '"https://cognito.example"'),
        SETUP.text.replace(AWS_TEXT, "null"),
        SETUP.text.replace(AWS_TEXT, "[]"),
        SETUP.text.replace('"identity_pool_id":""', '"identity_pool_id":"eu-central-1"'),
        SETUP.text.replace('"identity_pool_id":""', '"identity_pool_id":null'),
        *(
            SETUP.text.replace(POOL_ID, pool_id)
            for pool_id in (
                "",
                "eu-central-1",
                "eu-central-1_",
                "EU-central-1_A",
                "evil.example/_A",
                f"{POOL_ID} ",
                "x_y",
            )
        ),
        *(SETUP.text.replace(POOL_ID, f"{POOL_ID}{end}") for end in ("\\n", "-", "@evil.example", "/")),
        *(
            SETUP.text.replace(ROLE_ARN, arn)
            for arn in (
                "",
                "ci",
                "arn",
                "arn:aws:iam::1:role/ci",
                "arn:aws:iam::123456789012:user/ci",
                "arn:evil:iam::",
            )
        ),
        *(SETUP.text.replace(ROLE_ARN, f"{ROLE_ARN}{end}") for end in ("\\n", " ", ":", "é", "a" * 576)),
    ],
)
def test_setup_that_main_did_not_write_is_ignored(text: str) -> None:
    """A setup in another form does not count."""
    assert text != SETUP.text
    assert saved(STATE_setup=text).setup is None
    assert saved(STATE_setup=SETUP.text).setup == SETUP


WORDS = st.sampled_from(
    (
        *("name", "phone_number", "username", "sub", "", PREFIX, PHONE, "admin", "ada@example.com"),
        *(SIMULATED, f"success+{EMAIL}", f"{SIMULATED}.example.com", f"{SIMULATED}\n"),
        *(NAME, EMAIL, UUID, SUB, f"{NAME}\n", f"{EMAIL}\n", f"{UUID}\n"),
        *("gha-1-1-1-0123456789abcdef", "gha-123456789-9876543210-2-fedcba9876543210"),
    )
)
LEAVES: st.SearchStrategy[Any] = WORDS | st.text() | st.none() | st.booleans() | st.integers() | st.floats()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5))
FIELDS = st.fixed_dictionaries(
    {"name": WORDS | st.text()},
    optional={
        "phone_number": WORDS | st.text(),
        "username": WORDS | st.text(),
        "sub": WORDS | st.text(),
        "unanswered": st.integers() | WORDS,
        "last_unanswered": st.integers() | st.floats(),
        "taken": st.booleans() | st.none(),
        "expected": st.booleans() | st.none(),
    },
)
ALLOWED = re.compile(
    r"(gha-123456789-9876543210-[0-9]{1,6}-[0-9a-f]{16}(@[a-z0-9.-]+)?|"
    r"success\+gha-123456789-9876543210-[0-9]{1,6}-[0-9a-f]{16}@simulator\.amazonses\.com|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?"
)


@given(texts=st.lists(ANY_TEXT | JSON.map(json.dumps) | FIELDS.map(json.dumps), max_size=4))
def test_no_state_yields_the_key_of_a_stranger(texts: list[str]) -> None:
    """Whatever the state says, what would be deleted is a generated name of this run, an id, or nothing."""
    state = saved(*texts)

    keys = [key for entry in state.entries for each in (entry, entry.offered) for key in each.deletion_names]
    assert all(ALLOWED.fullmatch(key) for key in keys)
    assert len(state.entries) + len(state.foreign) == len([text for text in texts if text])


@given(
    environ=st.dictionaries(
        st.sampled_from(["STATE_setup", "STATE_keep", "STATE_users", "STATE_user-1", "STATE_user-x", "STATE_"]),
        ANY_TEXT | st.just("3"),
    )
)
def test_any_state_can_be_read(environ: dict[str, str]) -> None:
    """No text raises an exception."""
    state = SavedState.from_environ(environ, RUN)

    assert state.setup is None
    assert state.entries == ()


@pytest.mark.parametrize("setup", [replace(SETUP, proxies="\udcfc"), replace(SETUP, region="nowhere")])
def test_setup_that_post_could_not_read_is_not_saved(recorder: Recorder, setup: Setup) -> None:
    """No user is created then: post could not delete it."""
    with pytest.raises(ValueError, match="can't be read back"):
        State(recorder.runner).setup(setup)

    assert recorder.stage.state == {}
