"""The process: when Python collects garbage. (How signals end it is tested on real processes.)"""

import subprocess
import sys

SCRIPT = """
import gc
from cognito_action.github.process import enable_gc, exit_process, prepare_process
frozen = gc.get_freeze_count()
prepare_process()
print(gc.isenabled(), gc.get_freeze_count() > frozen)
enable_gc()
print(gc.isenabled(), gc.get_freeze_count() > frozen, flush=True)
exit_process(3)
"""

SCRIPT_OF_OTHERS = """
import gc
from cognito_action.github.process import enable_gc
frozen = gc.get_freeze_count()
enable_gc()
print(gc.isenabled(), gc.get_freeze_count() - frozen)
"""


def test_garbage_is_collected_once_everything_is_imported() -> None:
    """It is not collected before, and what was imported is ignored after that."""
    process = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)

    assert (process.returncode, process.stderr) == (3, "")
    assert process.stdout.splitlines() == ["False False", "True True"]


def test_process_of_others_is_left_alone() -> None:
    """Where garbage is collected already, as in a run of pytest, nothing is frozen."""
    process = subprocess.run([sys.executable, "-c", SCRIPT_OF_OTHERS], capture_output=True, text=True, check=False)

    assert (process.stdout, process.stderr) == ("True 0\n", "")
