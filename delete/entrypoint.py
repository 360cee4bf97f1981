#!/venv/bin/python -I
"""What the runner starts as a step of `delete`."""

from cognito_action.signals import end_on_signal

end_on_signal()

import os
import sys

from cognito_action.delete import LIMITS, delete
from cognito_action.phase import start

sys.exit(start(delete, os.environ, sys.stdout.buffer, LIMITS))
