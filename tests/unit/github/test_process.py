"""The process: when Python searches for garbage. (How signals end it is tested on real processes.)"""

import subprocess
import sys

SCRIPT = """
import gc
from cognito_action.github.process import enable_gc, start_process
start_process()
print(gc.isenabled(), gc.get_freeze_count() > 0)
enable_gc()
print(gc.isenabled(), gc.get_freeze_count() > 0)
"""


def test_garbage_is_searched_for_once_all_is_imported() -> None:
    """Not before, and then no longer among what was imported."""
    process = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    assert process.stdout.splitlines() == ["False False", "True True"]
