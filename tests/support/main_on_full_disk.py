"""Main as the runner starts it, except that the disk has space again as soon as a write to the state has failed.

The disk is a limit on file size: that in the environment, or one that a test sets while main runs.
"""

import os
import sys
from secrets import SystemRandom

from cognito_action.github.runner import Runner, RunnerFileError
from cognito_action.retry import Retry
from cognito_action.steps.main import LIMITS, main
from cognito_action.steps.run import exit_status_of
from tests.support.full_disk import limit_file_size


class OnFullDisk(Runner):
    def state(self, **values: str) -> None:
        try:
            super().state(**values)
        except RunnerFileError:
            limit_file_size(None)
            raise


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # the limit would leave half a module
    if "FILE_SIZE_LIMIT" in os.environ:
        limit_file_size(int(os.environ["FILE_SIZE_LIMIT"]))
    runner = OnFullDisk(os.environ, sys.stdout.buffer)
    retry = Retry(LIMITS, runner.log, redact=runner.redactor)
    sys.exit(exit_status_of(lambda: main(os.environ, runner, retry, SystemRandom()), runner))
