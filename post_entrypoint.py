#!/venv/bin/python -I
"""What the runner starts when the job ends: post."""

from cognito_action.github.process import exit_process, prepare_process

prepare_process()

import os
import sys

from cognito_action.steps.post import LIMITS, post
from cognito_action.steps.run import run

exit_process(run(post, os.environ, sys.stdout.buffer, LIMITS))
