"""What is said of the runner's files and of a missing ID token, and how a failure reaches its reader."""

from pathlib import Path

import pytest
import yaml

from cognito_action.diagnostics.id_token import no_id_token
from cognito_action.diagnostics.report import add_to_summary, in_words, report
from cognito_action.diagnostics.runner import (
    browser_state_not_removed,
    browser_state_not_written,
    runner_file_not_written,
    temp_folder_missing,
)
from cognito_action.errors import ActionError
from cognito_action.github.oidc import Trigger
from cognito_action.github.runner import RunnerFileError
from cognito_action.github.temp_files import TempFolderMissingError
from tests.unit.helpers import Desk
