"""`run` of the command, except that it notifies a test before and after each write to its journal."""

import os
import sys
from dataclasses import replace
from http.client import HTTPConnection
from secrets import SystemRandom

from cognito_action.command.context import Context
from cognito_action.command.options import read_options
from cognito_action.command.run import run
from cognito_action.terminal.console import Console
from cognito_action.terminal.process import Signals


class Stepwise(Console):
    """A host that continues from write to write only when the test lets it."""

    def state(self, **values: str) -> None:
        write = notify("/before/journal")
        super().state(**values)
        notify(f"/after/{write}")


def notify(path: str) -> str:
    connection = HTTPConnection(os.environ["STEPWISE"])
    connection.request("GET", path)
    return connection.getresponse().read().decode()


if __name__ == "__main__":
    context = Context.new(read_options(sys.argv[1:], os.environ), os.environ, sys.stderr.buffer, SystemRandom())
    context = replace(context, host=Stepwise(os.environ, sys.stderr.buffer, context.tokens, logs=False))
    signals = Signals(context.stopper.stop)
    with signals.handled():
        try:
            status = run(context, signals)
        except Exception:
            if not signals.received:
                raise
            status = 128 + signals.received
    sys.exit(status)
