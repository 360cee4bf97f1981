#!/venv/bin/python -I
"""What the runner starts as a step of `delete`."""

from cognito_action.process import begin, end

begin()

import os
import sys

from cognito_action.delete import LIMITS, delete
from cognito_action.phase import start

end(start(delete, os.environ, sys.stdout.buffer, LIMITS))
