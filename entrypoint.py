#!/venv/bin/python -I
"""What the runner starts as the step: main."""

from cognito_action.github.process import begin, end

begin()

import os
import sys
from functools import partial
from secrets import SystemRandom

from cognito_action.steps.main import LIMITS, create
from cognito_action.steps.run import start

end(start(partial(create, random=SystemRandom()), os.environ, sys.stdout.buffer, LIMITS))
