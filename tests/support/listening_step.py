"""One of the action's executables, in a process that prints everything the SDK logs."""

import logging
import os
import runpy

logging.basicConfig(level=logging.DEBUG)
runpy.run_path(os.environ["EXECUTABLE"], run_name="__main__")
