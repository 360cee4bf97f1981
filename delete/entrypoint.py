#!/venv/bin/python -I
"""What the runner starts as a step of `delete`."""

from cognito_action.github.process import begin, end

begin()

import os
import sys

from cognito_action.steps.delete import LIMITS, delete
from cognito_action.steps.run import start

end(start(delete, os.environ, sys.stdout.buffer, LIMITS))
