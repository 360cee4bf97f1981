#!/venv/bin/python -I
"""What the runner starts as a step of `delete`."""

from cognito_action.github.process import exit_process, prepare_process

prepare_process()

import os
import sys

from cognito_action.steps.delete import LIMITS, NAME, delete
from cognito_action.steps.run import run

exit_process(run(delete, os.environ, sys.stdout.buffer, LIMITS, NAME))
