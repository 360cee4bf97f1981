"""The runner's contract: whatever the action writes, the runner reads back, and nothing else."""

import tempfile
import time as system
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_action.github.runner import Runner, RunnerFileError, escape_data, escape_property, harmless
from cognito_action.text import visible
from tests.support.examples import ANY_TEXT, TEXT
from tests.support.recorder import Recorder
from tools.emulator.workflow_commands import Command, Masks, lines_of, parse_file, parse_line

KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,20}", fullmatch=True)
LEVELS = ["error", "warning", "notice"]
LINE = "{}\n"


def printed(method: str, *arguments: str, debug: bool = False) -> str:
    """What one call of a `Runner` prints."""
    stdout = BytesIO()
    getattr(Runner({"RUNNER_DEBUG": "1"} if debug else {}, stdout), method)(*arguments)
    return stdout.getvalue().decode()


def write_value(runner: Runner, method: str, key: str, value: str) -> None:
    """Write a value to the outputs file or the state file."""
    if method == "output":
        runner.output(key, value)
    else:
        runner.state(**{key: value})


def command_of(text: str) -> Command | None:
    """The one command that the runner reads in `text`."""
    [line] = lines_of(text)
    return parse_line(line)


# Escaping


@pytest.mark.parametrize(
    ("text", "data", "as_property"),
    [
        ("plain", "plain", "plain"),
        ("", "", ""),
        ("100%", "100%25", "100%25"),
        ("%0A", "%250A", "%250A"),
        ("a\r\nb", "a%0D%0Ab", "a%0D%0Ab"),
        ("a: b, c", "a: b, c", "a%3A b%2C c"),
    ],
)
def test_escaping_is_that_of_the_runner(text: str, data: str, as_property: str) -> None:
    """Percent, CR and LF are escaped in data; in properties, colon and comma are too."""
    assert (escape_data(text), escape_property(text)) == (data, as_property)


@pytest.mark.parametrize(
    ("text", "spelled_out"),
    [
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo", "one\\u000dtwo"),
        ("\x1b[31mred\x07\x00", "\\u001b[31mred\\u0007\\u0000"),
        ("\x0b\x0c\x7f\x85\x9b", "\\u000b\\u000c\\u007f\\u0085\\u009b"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\u202e\u202a\u2066\u2069", "\\u202e\\u202a\\u2066\\u2069"),
        ("ünï漢😀 \xa0%::##[", "ünï漢😀 \xa0%::##["),
    ],
)
def test_control_characters_are_spelled_out(text: str, spelled_out: str) -> None:
    """All control characters but line feed and tab become plain text, and nothing else changes."""
    assert visible(text) == spelled_out


@pytest.mark.parametrize("level", LEVELS)
@given(message=TEXT, title=TEXT.filter(bool))
def test_annotation_is_read_back_as_written(level: str, message: str, title: str) -> None:
    """For any text the runner reads one command, with this message, the action's name, this title and no more."""
    command = command_of(printed(level, message, title))

    assert command == Command(level, {"title": visible(f"Cognito test user: {title}")}, visible(message))


@pytest.mark.parametrize("level", LEVELS)
@given(message=ANY_TEXT, title=ANY_TEXT)
def test_annotation_never_becomes_another_command(level: str, message: str, title: str) -> None:
    """Not even text that UTF-8 can't hold makes a second line or another command."""
    command = command_of(printed(level, message, title))

    assert command
    assert command.name == level
    assert set(command.properties) <= {"title"}


def test_lone_surrogate_is_spelled_out() -> None:
    """Text that UTF-8 can't hold is written as its escape, and the step goes on."""
    assert printed("notice", "a\ud800b", "t") == "::notice title=Cognito test user%3A t::a\\ud800b\n"
    assert printed("mask", "a\udcffb") == "::add-mask::a\\udcffb\n"


@pytest.mark.parametrize(("words", "end"), [(1024, "wor"), (1025, "… (4099 characters in all)")])
def test_annotation_is_cut_before_the_runner_cuts_it(words: int, end: str) -> None:
    """4096 characters pass; if there are more, the reader is told how many."""
    command = command_of(printed("error", " ".join(["wor"] * words), "t"))

    assert command
    assert len(command.data) <= 4096
    assert command.data.endswith(f"wor{end.removeprefix('wor')}")


@given(text=TEXT)
def test_debug_text_is_read_back_as_written(text: str) -> None:
    """With step debug logging, any text is one command that the runner reads back."""
    assert command_of(printed("debug", text, debug=True)) == Command("debug", {}, visible(text))


@pytest.mark.parametrize("value", [None, "", "0", "true"])
def test_debug_text_is_left_out_without_debug_logging(value: str | None) -> None:
    """Only `RUNNER_DEBUG=1` turns debug logging on."""
    stdout = BytesIO()
    runner = Runner({} if value is None else {"RUNNER_DEBUG": value}, stdout)

    runner.debug("text")

    assert runner.debugging is False
    assert stdout.getvalue() == b""


# Masks


@given(secret=st.tuples(TEXT, TEXT).map("s3cret".join), around=TEXT)
def test_secret_is_masked_however_it_is_shown(secret: str, around: str) -> None:
    """No reader sees it as is, with control characters spelled out, or as a plain line, however many lines it has."""
    masks = Masks()
    for line in lines_of(printed("mask", secret)):
        command = parse_line(line)
        assert command
        assert command.name == "add-mask"
        masks.add(command.data)

    assert secret in masks.secrets
    for shown in (printed("log", secret).removesuffix("\n"), visible(secret), visible(f"{around} {secret} {around}")):
        assert "s3cret" not in masks.apply(shown)


@pytest.mark.parametrize("secret", ["password", "a.b-c~d_e", "AbC+/=="])
def test_plain_secret_needs_one_mask(secret: str) -> None:
    """All secrets that the action itself makes are plain."""
    assert command_of(printed("mask", secret)) == Command("add-mask", {}, secret)


@given(secret=st.tuples(TEXT, TEXT).map("s3cret".join), around=TEXT)
def test_reader_never_gets_what_was_masked(secret: str, around: str) -> None:
    """The runner masks nothing in titles and in the summary file, so secrets are left out of them here."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, path = BytesIO(), Path(folder, "summary")
        path.touch()
        runner = Runner({"GITHUB_STEP_SUMMARY": str(path), "RUNNER_DEBUG": "1"}, stdout)
        runner.mask(secret)
        masks = stdout.tell()
        for write in (runner.log, runner.debug, runner.summary):
            write(f"{around}{secret}{around}")
        for level in LEVELS:
            getattr(runner, level)(secret, secret)

        written = stdout.getvalue()[masks:] + path.read_bytes()
        assert b"s3cret" not in written
        assert written.count(b"***") >= 9


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_blank_secret_is_not_masked(nothing: str) -> None:
    """The runner would only warn about it."""
    assert printed("mask", nothing) == ""


# The log


@given(text=ANY_TEXT)
def test_log_line_is_never_a_command(text: str) -> None:
    """Any text is one line that the runner reads as plain text."""
    assert command_of(printed("log", text)) is None


@given(text=ANY_TEXT)
def test_log_line_holds_no_control_character(text: str) -> None:
    """Nothing in a line moves a terminal's cursor, or breaks the line anywhere."""
    line = harmless(text)

    assert line.splitlines() in ([line], [])
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in line if character != "\t")


@pytest.mark.parametrize(
    "space", ["", " ", "\t", "\xa0", "\u1680", "\u2003", "\u202f", "\u205f", "\u3000", " \u3000\t"]
)
@pytest.mark.parametrize("command", ["::error::x", "::save-state name=user-1::victim", "::stop-commands::t"])
def test_command_after_white_space_is_made_harmless(space: str, command: str) -> None:
    """The runner trims all Unicode white space before it looks for a command; a dot prevents that."""
    assert harmless(space + command) == f". {space}{command}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Created user 1.", "Created user 1."),
        ("a ::error::b", "a ::error::b"),
        ("##[error]x", "## [error]x"),
        ("a ##[add-mask]b", "a ## [add-mask]b"),
        ("###[error]x", "### [error]x"),
        ("##\x00[error]x", "##\\u0000[error]x"),
        ("one\n::error::two", "one\\n::error::two"),
        ("one\r\n::error::two", "one\\n::error::two"),
        ("one\r::error::two", "one\\u000d::error::two"),
        ("\n::error::x", "\\n::error::x"),
        ("\u2028::error::x", "\\u2028::error::x"),
        ("\x85::error::x", "\\u0085::error::x"),
        ("\x1b[1m::error::x", "\\u001b[1m::error::x"),
        ("", ""),
    ],
)
def test_log_line_keeps_what_is_harmless(text: str, line: str) -> None:
    """Only what could act as a command is changed, and it stays readable."""
    assert printed("log", text) == f"{line}\n"


# One write


class Stream(BytesIO):
    """A stdout that remembers how it was used."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: list[str] = []

    def write(self, data: object) -> int:
        self.uses.append(bytes(data).decode())  # type: ignore[call-overload]
        return 0

    def flush(self) -> None:
        self.uses.append("(flushed)")


def test_each_command_is_one_write_and_flushed_at_once() -> None:
    """The runner has each line, above all a mask, before the action continues."""
    stdout = Stream()
    runner = Runner({}, stdout)

    runner.mask("secret")
    runner.log("line")

    assert stdout.uses == ["::add-mask::secret\n", "(flushed)", "line\n", "(flushed)"]


class SlowStream(BytesIO):
    """A stdout that is slow with each half of a write, like a full pipe."""

    def write(self, data: object) -> int:
        text = bytes(data)  # type: ignore[call-overload]
        for half in (text[: len(text) // 2], text[len(text) // 2 :]):
            super().write(half)
            system.sleep(0)
        return len(text)


def test_threads_do_not_write_at_the_same_time(recorder: Recorder) -> None:
    """Whatever they write at once, the runner reads whole lines and whole entries, and all of them."""
    stdout = SlowStream()
    runner = Runner({name: str(path) for name, path in recorder.paths.items()} | {"RUNNER_DEBUG": "1"}, stdout)

    def work(number: int) -> None:
        long = f"{number}\n" * 3000
        runner.mask(f"secret {number}")
        runner.state(**{f"user-{number}": "x"})
        runner.log(f"line {number}")
        runner.output(f"output-{number}", long)
        runner.state(**{f"user-{number}": long})
        runner.warning(f"warning {number}", "title")
        runner.debug(f"debug {number}")
        runner.summary(f"### Section {number}\n\n{long}")

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(100)))

    found = Counter(line.strip("0123456789") for line in lines_of(stdout.getvalue().decode()))
    assert found == {
        "::add-mask::secret ": 100,
        "line ": 100,
        "::warning title=Cognito test user%3A title::warning ": 100,
        "::debug::debug ": 100,
    }
    assert recorder.stage.outputs == {f"output-{number}": f"{number}\n" * 3000 for number in range(100)}
    assert recorder.stage.state == {f"user-{number}": f"{number}\n" * 3000 for number in range(100)}
    sections = recorder.stage.files["GITHUB_STEP_SUMMARY"].split("### ")[1:]
    assert sorted(sections) == sorted(f"Section {number}\n\n{LINE.format(number) * 3000}\n" for number in range(100))


# The files


@pytest.mark.parametrize(("method", "file"), [("output", "GITHUB_OUTPUT"), ("state", "GITHUB_STATE")])
@given(entries=st.lists(st.tuples(KEYS, TEXT), max_size=6))
def test_file_entries_are_read_back_as_written(method: str, file: str, entries: list[tuple[str, str]]) -> None:
    """Any value comes back, with several lines or none; the last one of a key counts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file)
        runner = Runner({file: str(path)}, BytesIO())
        path.touch()
        for key, value in entries:
            write_value(runner, method, key, value)

        assert parse_file(path.read_bytes().decode()) == dict(entries)


@pytest.mark.parametrize(
    "value", ["", "\n", "a\n", "\na", "a=b", "a<<EOF\nb\nEOF", "a\r\nb\r", " a ", "\ufeffa", "ünï😀"]
)
def test_value_is_kept_to_the_last_character(recorder: Recorder, value: str) -> None:
    """No line break, space or equals sign is lost or read as the file's own syntax."""
    recorder.runner.output("before", "1")
    recorder.runner.output("name", value)
    recorder.runner.output("after", "2")

    assert recorder.stage.outputs == {"before": "1", "name": value, "after": "2"}


def test_state_values_are_one_write(recorder: Recorder) -> None:
    """A process that is killed has passed on all of them or none."""
    recorder.runner.state(first="1", second="2\n3")

    assert recorder.stage.state == {"first": "1", "second": "2\n3"}
    delimiters = {line for line in recorder.stage.files["GITHUB_STATE"].splitlines() if line.startswith("ghadelimiter")}
    assert len(delimiters) == 2


def test_value_cannot_end_its_own_entry(recorder: Recorder) -> None:
    """Each entry has its own delimiter, so that a value that repeats an earlier one stays a value."""
    recorder.runner.state(first="x")
    delimiter = recorder.stage.files["GITHUB_STATE"].splitlines()[-1]
    value = f"x\n{delimiter}\nkeep<<{delimiter}\ntrue\n{delimiter}"

    recorder.runner.state(second=value)

    assert len(delimiter) > 32
    assert recorder.stage.state == {"first": "x", "second": value}


def test_files_are_appended_to(recorder: Recorder) -> None:
    """What a file already holds stays."""
    recorder.paths["GITHUB_OUTPUT"].write_text("early=1\n")

    recorder.runner.output("late", "2")

    assert recorder.stage.outputs == {"early": "1", "late": "2"}


def test_value_that_utf_8_cannot_hold_is_spelled_out(recorder: Recorder) -> None:
    """A lone surrogate does not stop the step."""
    recorder.runner.output("name", "a\ud800b")

    assert recorder.stage.outputs == {"name": "a\\ud800b"}


@pytest.mark.parametrize(("method", "file"), [("output", "GITHUB_OUTPUT"), ("state", "GITHUB_STATE")])
@pytest.mark.parametrize("kind", ["unset", "folder", "missing folder"])
def test_file_that_cannot_be_written_is_an_error(tmp_path: Path, method: str, file: str, kind: str) -> None:
    """Without its file a value can't be passed on, and the error names the file but not the value."""
    path = {"folder": tmp_path, "missing folder": tmp_path / "none" / "file"}.get(kind)
    runner = Runner({file: str(path)} if path else {}, BytesIO())

    with pytest.raises(RunnerFileError) as caught:
        write_value(runner, method, "password", "the-secret-value")

    reason = "Is a directory" if kind == "folder" else "No such file or directory"
    assert (caught.value.file, caught.value.reason) == (file, reason)
    assert "the-secret-value" not in str(caught.value)


@given(markdown=ANY_TEXT)
def test_summary_holds_no_control_character(markdown: str) -> None:
    """Any text is one section of the summary, with a blank line after it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "summary")
        Runner({"GITHUB_STEP_SUMMARY": str(path)}, BytesIO()).summary(markdown)
        written = path.read_bytes().decode()

    assert written.endswith("\n\n")
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in written if character not in "\t\n")


def test_summary_sections_follow_each_other(recorder: Recorder) -> None:
    """Each section ends with exactly one blank line."""
    recorder.runner.summary("### One\n\ntext\n\n\n")
    recorder.runner.summary("### Two")

    assert recorder.stage.summary == "### One\n\ntext\n\n### Two\n\n"


def test_missing_summary_is_an_error() -> None:
    """The caller decides what this means for the step."""
    with pytest.raises(RunnerFileError, match="GITHUB_STEP_SUMMARY"):
        printed("summary", "text")
