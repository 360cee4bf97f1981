#!/venv/bin/python -I
"""What the runner starts as a step of `sweep`."""

from cognito_action.signals import end_on_signal

end_on_signal()

import os
import sys

from cognito_action.phase import start
from cognito_action.sweep import LIMITS, sweep

sys.exit(start(sweep, os.environ, sys.stdout.buffer, LIMITS))
