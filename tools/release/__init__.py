"""The steps of a release: check, point the actions at an image, and tag. They need only the runner's own Python."""


class Refused(Exception):  # noqa: N818 - the name says what happened to the release
    """The release can't go on; the text says why."""
