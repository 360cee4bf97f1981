"""The stderr that GitHub's runner reads, also where something captures that of the process for a while."""

import io
import os
import sys
from collections.abc import Callable
from typing import BinaryIO


class RunnerOutput:
    """Knows where masks have to go."""

    def __init__(self) -> None:
        self._kept: list[BinaryIO] = []

    @property
    def stream(self) -> BinaryIO:
        """What was kept last, or what stderr was when Python started; a program without a console has none."""
        if self._kept:
            return self._kept[-1]
        return getattr(sys.__stderr__, "buffer", None) or io.BytesIO()

    def keep(self) -> Callable[[], None]:
        """Keep file descriptor 2 as it is now, and return what ends that."""
        stream = open(os.dup(2), "wb")  # noqa: SIM115 - it is closed by whoever keeps it
        self._kept.append(stream)

        def end() -> None:
            self._kept.remove(stream)
            stream.close()

        return end


runner_output = RunnerOutput()
"""That of this process. What captures file descriptor 2 does so for all of it."""
