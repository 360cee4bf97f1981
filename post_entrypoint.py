#!/venv/bin/python -I
"""What the runner starts when the job ends: post."""

from cognito_action.process import begin, end

begin()

import os
import sys

from cognito_action.cleanup import LIMITS, cleanup
from cognito_action.phase import start

end(start(cleanup, os.environ, sys.stdout.buffer, LIMITS))
