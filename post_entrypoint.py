#!/venv/bin/python -I
"""What the runner starts when the job ends: post."""

from cognito_action.signals import end_on_signal

end_on_signal()

import os
import sys

from cognito_action import cleanup
from cognito_action.phase import run_phase
from cognito_action.retry import Retry
from cognito_action.runner import Runner

runner = Runner(os.environ, sys.stdout.buffer)
retry = Retry(cleanup.SECONDS, runner.log)
sys.exit(run_phase(lambda: cleanup.cleanup(os.environ, runner, retry), runner))
