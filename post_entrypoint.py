#!/venv/bin/python -I
"""What the runner starts when the job ends: post."""

from cognito_action.github.process import begin, end

begin()

import os
import sys

from cognito_action.steps.post import LIMITS, cleanup
from cognito_action.steps.run import start

end(start(cleanup, os.environ, sys.stdout.buffer, LIMITS))
