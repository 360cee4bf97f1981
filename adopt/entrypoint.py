#!/venv/bin/python -I
"""What the runner starts as a step of `adopt`."""

from cognito_action.github.process import exit_process, prepare_process

prepare_process()

import os
import sys
from functools import partial
from secrets import SystemRandom

from cognito_action.steps.adopt import LIMITS, NAME, adopt
from cognito_action.steps.run import run

exit_process(run(partial(adopt, random=SystemRandom()), os.environ, sys.stdout.buffer, LIMITS, NAME))
