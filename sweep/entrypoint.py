#!/venv/bin/python -I
"""What the runner starts as a step of `sweep`."""

from cognito_action.github.process import exit_process, prepare_process

prepare_process()

import os
import sys

from cognito_action.steps.run import run
from cognito_action.steps.sweep import LIMITS, NAME, sweep

exit_process(run(sweep, os.environ, sys.stdout.buffer, LIMITS, NAME))
