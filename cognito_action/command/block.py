"""Users for the time of a block of Python: what fails does not reach the block as an exception, but as text."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from secrets import SystemRandom
from typing import BinaryIO

from cognito_action.command.context import Context
from cognito_action.command.options import combine_options
from cognito_action.command.session import Session
from cognito_action.diagnostics.python import pool_not_set, users_not_set
from cognito_action.diagnostics.report import in_words, report
from cognito_action.inputs.main import MainInputs
from cognito_action.terminal.embedded import EmbeddedHost, no_logging
from cognito_action.users.batch import ReadyUser

TITLE = "failed"


class Block:
    """Creates users, and deletes them. While it does, no logger of the process says anything.

    Args:
        given: texts of inputs and settings by their names, which go before their variables.
        environ: of the process.
        stderr: what GitHub's runner reads.
        several: whether the input `users` has to be there.
    """

    def __init__(
        self, given: Mapping[str, str], environ: Mapping[str, str], stderr: BinaryIO, *, several: bool
    ) -> None:
        context = Context.new(combine_options("run", given, environ), environ, stderr, SystemRandom())
        self.host = EmbeddedHost(environ, stderr, context.tokens)
        """It keeps the errors and the warnings."""
        self._context = replace(context, host=self.host)
        self._several = several
        self._created = ExitStack()
        self._process_id = os.getpid()

    def create(self) -> Mapping[str, ReadyUser]:
        """Create the users and return them by their keys; after an error none is returned, and none is left."""
        try:
            with no_logging():
                inputs = self._read_inputs()
                session = Session(inputs, self._context)
                users = self._created.enter_context(session.users())
                if not inputs.cleanup:
                    session.keep()
                return users
        except Exception as error:  # noqa: BLE001 - whatever it is, it is put into words, as for the command
            self._report(error)
            return {}

    def delete(self) -> None:
        """Delete whom `create` has created, in the process that did: one that was forked from it may end the block, too."""
        if os.getpid() == self._process_id:
            with no_logging():
                self._created.close()

    def _read_inputs(self) -> MainInputs:
        given = self._context.options.inputs
        if not given.get("user-pool-id", "").strip():
            raise pool_not_set()
        if self._several and not given.get("users", "").strip():
            raise users_not_set()
        return self._context.read_inputs(MainInputs)

    def _report(self, error: Exception) -> None:
        self.host.debug_traceback(error)
        report(in_words(error), TITLE, self.host.error, self.host)
