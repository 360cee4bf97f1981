#!/venv/bin/python -I
"""What the runner starts as a step of `sweep`."""

from cognito_action.github.process import begin, end

begin()

import os
import sys

from cognito_action.steps.run import start
from cognito_action.steps.sweep import LIMITS, sweep

end(start(sweep, os.environ, sys.stdout.buffer, LIMITS))
