"""Replace modules by their byte code, which is smaller and loads without a look at a source.

With `-X no_debug_ranges` it does not have the column of each instruction, which no one needs without the sources.
"""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode


def replace_sources(folder: Path, root: Path) -> None:
    """Compile all modules below `folder`, without assertions and docstrings, and remove their sources.

    Modules with dataclasses keep their docstrings: Python writes one for each dataclass that has none, which takes longer
    than reading it. Tracebacks show the places that modules have where `root` is the root of the file system. Ends the
    process if a module can't be compiled.
    """
    for path in folder.rglob("*.py"):
        compiled = compileall.compile_file(
            path,
            stripdir=str(root),
            prependdir="/",
            legacy=True,
            optimize=1 if b"@dataclass" in path.read_bytes() else 2,
            quiet=1,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        if not compiled:
            sys.exit(f"{path} can't be compiled.")
        path.unlink()
