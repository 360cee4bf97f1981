"""The list of contents (SBOM) of a released image: scanners see what is in it."""

import json
import re

from tools.release import Refused

OF_DEBIAN = {"libc6": r"libc6", "OpenSSL": r"libssl\d\w*"}
"""What the image holds of Debian's packages in any case, as patterns of their names."""


def check_contents(sbom: str, lock: str) -> None:
    """Refuse an image whose list lacks a Python package of the lock file, the C library or OpenSSL.

    `sbom` is what `docker buildx imagetools inspect` says, of one architecture or of several by their names.
    """
    document = json.loads(sbom) or {}
    parts = {"": document} if "SPDX" in document else document
    if not parts:
        raise Refused("The image has no list of its contents (SBOM).")
    python = {
        _normalized(name): re.escape(_normalized(name)) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    }
    for platform, part in parts.items():
        names = {_normalized(package["name"]) for package in part["SPDX"]["packages"]}
        wanted = {**python, **OF_DEBIAN}
        missing = [name for name, pattern in wanted.items() if not any(re.fullmatch(pattern, each) for each in names)]
        if missing:
            raise Refused(f"The list of the image's contents {platform} lacks {', '.join(missing)}.")


def _normalized(name: str) -> str:
    """The name of a package as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
