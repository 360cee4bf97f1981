"""What a release does: it checks, points the actions at an image, and tags. Python alone, so the runner's own will do."""


class Refused(Exception):  # noqa: N818 - it says what became of the release
    """The release can't go on; the text says why."""
