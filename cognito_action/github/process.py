"""The process of a phase: how it begins, and how it ends, by itself or when the runner cancels the step."""

import gc
import os
import signal
from _thread import start_new_thread


def begin() -> None:
    """Begin a phase: call it before any other import, on the main thread.

    Until `settle`, Python searches for no garbage: what is imported stays, and is most of what there is.
    """
    _end_on_signal()
    gc.disable()


def settle() -> None:
    """Search for garbage from here on, but not among what there is now."""
    gc.freeze()
    gc.enable()


def end(status: int) -> None:
    """End the process with `status`.

    What was imported is left to the system: Python would take it apart piece by piece, longer than it takes to start.
    Whatever was written has left the process by now.
    """
    os._exit(status)


def _end_on_signal() -> None:
    """End the process with status 128 + n as soon as SIGINT or SIGTERM arrives.

    The runner sends SIGINT on cancel, SIGTERM 7.5 s later and SIGKILL after another 2.5 s. Nothing is
    undone here: the state was written before each call to AWS, and the post step works from it.

    A thread waits for the signals instead of a handler, because Python runs handlers on the main thread only
    between bytecodes: a name look-up that hangs in C would hold one back. Blocked signals also reach a
    process that is PID 1, for which the kernel drops whatever it has no handler for.

    Threads that are started later inherit the blocked signals. While Python itself starts (some 20 ms), nothing can be
    done: SIGTERM is lost on PID 1 then, and SIGKILL follows.
    """
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    start_new_thread(lambda: os._exit(128 + signal.sigwait(signals)), ())
