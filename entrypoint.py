#!/venv/bin/python -I
"""What the runner starts as the step: main."""

from cognito_action.github.process import exit_process, prepare_process

prepare_process()

import os
import sys
from functools import partial
from secrets import SystemRandom

from cognito_action.steps.main import LIMITS, main
from cognito_action.steps.run import run

exit_process(run(partial(main, random=SystemRandom()), os.environ, sys.stdout.buffer, LIMITS))
