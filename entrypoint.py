#!/venv/bin/python -I
"""What the runner starts as the step: main."""

from cognito_action.signals import end_on_signal

end_on_signal()

import os
import secrets
import sys

from cognito_action import create
from cognito_action.phase import run_phase
from cognito_action.retry import Retry
from cognito_action.runner import Runner

runner = Runner(os.environ, sys.stdout.buffer)
random = secrets.SystemRandom()
retry = Retry(create.SECONDS, runner.log)
sys.exit(run_phase(lambda: create.create(os.environ, runner, random, retry), runner))
