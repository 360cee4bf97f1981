"""A job can have a step of each action: every annotation and every summary says whose it is."""

from pathlib import Path

import pytest
import yaml

from tests.support.world import World

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("action", ["", "adopt", "delete", "sweep"])
def test_action_titles_its_errors_with_its_own_name(world: World, action: str) -> None:
    """It is the name in its `action.yml`, which its page in the marketplace has as well."""
    name = yaml.safe_load((REPOSITORY / action / "action.yml").read_text())["name"]

    stage = world.run(action, {}) if action else world.job().main({})

    assert stage.exit_code == 1
    [annotation] = stage.annotations
    assert annotation.title == f"{name}: failed"
    assert stage.summary.startswith(f"### {name}\n")
