"""Run a command and write what it cost to a file: `launch.py FILE COMMAND ...`.

This is a small process of its own, because the kernel counts a parent's memory toward the peak of its child.
"""

import os
import sys
import time

report, *command = sys.argv[1:]
started = time.monotonic()
process = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)
wall = time.monotonic() - started
with open(report, "w", encoding="ascii") as file:
    file.write(f"{wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss * 1024}")
sys.exit(os.waitstatus_to_exitcode(status))
