"""The one error of a step that fails."""

from tools.emulator.job import Stage


def the_error(main: Stage) -> str:
    """The message of the one annotation of a failed main, which the summary holds too."""
    assert (main.exit_code, main.stderr) == (1, "")
    [annotation] = main.annotations
    assert annotation.level == "error"
    for line in annotation.message.splitlines():
        assert line.lstrip("- ") in main.summary
    return annotation.message
