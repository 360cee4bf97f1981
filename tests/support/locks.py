"""The lock files of Python packages."""

import re

from packaging.requirements import Requirement

from tools.emulator.job import ROOT

LOCKS = tuple(f"requirements/{name}.txt" for name in ("runtime", "dev", "emulator", "moto-server", "aws-cli"))


def lines(lock: str) -> list[str]:
    """The requirements in a lock file, each package with its hashes on one line."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace(" \\\n   ", "").splitlines()


def pinned(lock: str, **environment: str) -> set[str]:
    """The packages, as `name==version`, for a Python with these environment markers, or for this one."""
    requirements = [Requirement(line.partition(" --hash")[0]) for line in lines(lock)]
    return {
        f"{requirement.name}{requirement.specifier}"
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }
