"""The image that the actions run: on the branch a Dockerfile to build, in a release an image in the registry."""

import json
import re

from tools.release import Refused

FILES = ("action.yml", "adopt/action.yml", "delete/action.yml", "sweep/action.yml")

_DIGEST = "sha256:[0-9a-f]{64}"
_NAME = re.compile(rf"[a-z0-9.-]+(/[a-z0-9._-]+)+@{_DIGEST}")
_LINE = re.compile(r"^( *image:)(.*)$", re.MULTILINE)
_TO_BUILD = re.compile(r" (\.\./)?Dockerfile( #.*)?")
_PREFIX = " docker://"


def digest_in(answer: str, key: str) -> str:
    """The digest of an image, from docker's JSON output."""
    digest = json.loads(answer).get(key)
    if not re.fullmatch(_DIGEST, str(digest)):
        raise Refused(f"docker did not report a digest of the image, but {digest!r}.")
    return str(digest)


def point(action: str, image: str) -> str:
    """The text of an action.yml with `image` in place of the Dockerfile.

    A comment on that line is about the Dockerfile, and is removed with it.
    """
    if not _NAME.fullmatch(image):
        raise Refused(f"{image!r} does not name an image by its digest.")
    if not _TO_BUILD.fullmatch(_value(action)):
        raise Refused("The action does not build its image from the Dockerfile.")
    return _LINE.sub(lambda line: f"{line[1]}{_PREFIX}{image}", action)


def pointed_at(action: str) -> str:
    """The image that a released action.yml points at."""
    image = _value(action).removeprefix(_PREFIX)
    if not _NAME.fullmatch(image):
        raise Refused(f"The action points at {image.strip()!r}, which does not name an image by its digest.")
    return image


def _value(action: str) -> str:
    values = [value for _, value in _LINE.findall(action)]
    if len(values) != 1:
        raise Refused(f"An action needs exactly one `image:` line, not {len(values)}.")
    return str(values[0])
