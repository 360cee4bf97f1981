"""The process of a step: how it starts, and how it ends, by itself or when the runner cancels the step."""

import gc
import os
import signal
from _thread import start_new_thread
from typing import NoReturn


def prepare_process() -> None:
    """Prepare the process of a step: call it before any other import, on the main thread.

    Until `enable_gc`, Python collects no garbage: what is imported stays, and makes up most of what there is.
    """
    _exit_on_signal()
    gc.disable()


def enable_gc() -> None:
    """Collect garbage from here on, but ignore what exists now.

    In a process that `prepare_process` has not prepared this does nothing: its objects are those of others.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def exit_process(status: int) -> NoReturn:
    """End the process with `status`.

    What was imported is left to the system: Python would tear it down piece by piece, longer than it takes to start.
    By now whatever was written has left the process.
    """
    os._exit(status)


def _exit_on_signal() -> None:
    """End the process with status 128 + n as soon as SIGINT or SIGTERM arrives.

    The runner sends SIGINT on cancel, SIGTERM 7.5 s later and SIGKILL after another 2.5 s. Nothing is undone here: the
    state was written before each call to AWS, and the post step works from it.

    A thread waits for the signals instead of a handler, because Python runs handlers on the main thread only between
    bytecodes: a name lookup that hangs in C would hold one back. Blocked signals also reach a process that is PID 1,
    for which the kernel drops whatever it has no handler for.

    Threads that are started later inherit the blocked signals. While Python itself starts (some 20 ms), nothing can be
    done: SIGTERM is lost on PID 1 then, and SIGKILL follows.
    """
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    start_new_thread(lambda: os._exit(128 + signal.sigwait(signals)), ())
