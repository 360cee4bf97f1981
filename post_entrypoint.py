#!/venv/bin/python -I
"""What the runner starts when the job ends: post."""

from cognito_action.signals import end_on_signal

end_on_signal()

import os
import sys

from cognito_action.cleanup import LIMITS, cleanup
from cognito_action.phase import start

sys.exit(start(cleanup, os.environ, sys.stdout.buffer, LIMITS))
