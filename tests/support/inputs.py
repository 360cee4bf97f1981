"""Inputs of a step."""

from tools.emulator import job


def input_variables(**inputs: str) -> dict[str, str]:
    """The variables in which the runner passes these inputs to a step; `_` in names stands for `-`."""
    return job.input_variables({name.replace("_", "-"): text for name, text in inputs.items()})


def no_warning(text: str, title: str) -> None:
    """Take the place of `Runner.warning` where nothing is to be warned of."""
    raise AssertionError(f"{title}: {text}")
