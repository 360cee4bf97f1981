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


def test_garbage_is_collected_once_everything_is_imported() -> None:
    """It is not collected before, and what was imported is ignored after that."""
    process = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)

    assert (process.returncode, process.stderr) == (3, "")
    assert process.stdout.splitlines() == ["False False", "True True"]
