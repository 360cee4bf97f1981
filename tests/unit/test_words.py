"""Texts for two readers, and lines to paste that fit the place where each of them works."""

import subprocess

import pytest
import yaml

from cognito_action.errors import ActionError
from cognito_action.words import HostKind, Options, Variable, Words, paste_with_fields, said, with_fields

ACTION, COMMAND = HostKind.ACTION, HostKind.COMMAND


def test_each_reader_gets_own_words() -> None:
    """A plain text is for both."""
    words = Words("Add to this step:", "Run this before it:").within("To call AWS, {} ({place})")

    assert said(words, ACTION) == "To call AWS, Add to this step: ({place})"
    assert said(words, COMMAND) == "To call AWS, Run this before it: ({place})"
    assert (said("Run it again.", ACTION), said("Run it again.", COMMAND)) == ("Run it again.", "Run it again.")


@pytest.mark.parametrize(
    ("value", "line", "shell"),
    [
        ("", 'AWS_PROFILE: ""', "unset AWS_PROFILE"),
        ("true", 'AWS_PROFILE: "true"', "export AWS_PROFILE=true"),
        ("legacy", "AWS_PROFILE: legacy", "export AWS_PROFILE=legacy"),
        ("<a b>", "AWS_PROFILE: <a b>", "export AWS_PROFILE='<a b>'"),
    ],
)
def test_variable_is_set_for_one_step_or_in_the_shell(value: str, line: str, shell: str) -> None:
    """YAML takes the value for a text; an empty one is as if it were not set."""
    variable = Variable("AWS_PROFILE", value)

    assert said(variable, ACTION) == f"env:\n  {line}"
    assert yaml.safe_load(said(variable, ACTION)) == {"env": {"AWS_PROFILE": value}}
    assert said(variable, COMMAND) == shell


def test_options_are_inputs_or_arguments() -> None:
    """A value of several lines stays one value."""
    values = {"phone-number": "+15555550123", "email-domain": "example.com", "attributes": "name=Test\ngender=x"}

    assert yaml.safe_load(said(Options(values), ACTION)) == {"with": values}
    words = subprocess.check_output(["sh", "-c", f"printf '%s\\0' {said(Options(values), COMMAND)}"], text=True)
    assert words.split("\0")[:-1] == [
        *("--phone-number", "+15555550123", "--email-domain", "example.com", "--attributes", "name=Test\ngender=x")
    ]


def test_fields_are_filled_in_everywhere() -> None:
    """Whatever holds them."""
    fields = {"name": "no_proxy", "host": "a.example"}

    assert with_fields("{host}", fields) == "a.example"
    assert with_fields(Words("{host}", "{name}"), fields) == Words("a.example", "no_proxy")
    assert paste_with_fields(Variable("{name}", Words("{host}", "x")), fields) == Variable(
        "no_proxy", Words("a.example", "x")
    )
    assert paste_with_fields(Options({"user-pool-id": "{host}"}), fields) == Options({"user-pool-id": "a.example"})
    assert paste_with_fields("{host}", fields) == "a.example"


def test_error_has_the_same_parts_for_both_readers() -> None:
    """In the same order, with the lines that fit."""
    error = ActionError(
        "What.", Words("Why in a step.", "Why here."), "Fix.", details="Details.", paste=Variable("AWS_PROFILE")
    )

    assert error.annotation == 'What.\nWhy in a step.\nDetails.\nFix.\nenv:\n  AWS_PROFILE: ""'
    assert error.text == "What.\nWhy here.\nDetails.\nFix.\nunset AWS_PROFILE"
    assert (error.why, error.fix, error.paste, error.language) == (
        *("Why in a step.", "Fix."),
        *('env:\n  AWS_PROFILE: ""', "yaml"),
    )
    assert error.markdown.endswith('\n\nFix.\n\n```yaml\nenv:\n  AWS_PROFILE: ""\n```')
    assert error.told(COMMAND).markdown.endswith("\n\nFix.\n\n```sh\nunset AWS_PROFILE\n```")
    assert error.about("User a").text.startswith("User a: What.\nWhy here.\nDetails.\n")


def test_lines_that_are_the_same_for_both_keep_their_language() -> None:
    """Without lines there is none."""
    same = ActionError("What.", "Why.", "Fix.", paste="{}", language="json")
    one_sided = ActionError("What.", "Why.", "Fix.", paste=Words("", "export RUNNER_DEBUG=1"))

    assert [same.told(kind).language for kind in HostKind] == ["json", "json"]
    assert [one_sided.told(kind).language for kind in HostKind] == ["", "sh"]
