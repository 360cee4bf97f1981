"""Main as the runner starts it, except that it notifies a test before and after each write to the runner's files."""

from cognito_action.github.process import prepare_process

prepare_process()

import os
import sys
from http.client import HTTPConnection
from secrets import SystemRandom

from cognito_action.github.runner import Runner
from cognito_action.retry import Retry
from cognito_action.steps.main import LIMITS, main
from cognito_action.steps.run import exit_status_of


class Stepwise(Runner):
    """A runner that continues from write to write only when the test lets it."""

    def _append(self, variable: str, entry: str) -> None:
        write = notify(f"/before/{variable}")
        super()._append(variable, entry)
        notify(f"/after/{write}")


def notify(path: str) -> str:
    connection = HTTPConnection(os.environ["STEPWISE"])
    connection.request("GET", path)
    return connection.getresponse().read().decode()


if __name__ == "__main__":
    runner = Stepwise(os.environ, sys.stdout.buffer)
    retry = Retry(LIMITS, runner.log, redact=runner.redactor)
    sys.exit(exit_status_of(lambda: main(os.environ, runner, retry, SystemRandom()), runner))
