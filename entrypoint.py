#!/venv/bin/python -I
"""What the runner starts as the step: main."""

from cognito_action.signals import end_on_signal

end_on_signal()

import os
import sys
from functools import partial
from secrets import SystemRandom

from cognito_action.create import LIMITS, create
from cognito_action.phase import start

sys.exit(start(partial(create, random=SystemRandom()), os.environ, sys.stdout.buffer, LIMITS))
