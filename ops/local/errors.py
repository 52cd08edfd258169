"""What can go wrong in words for the person at the terminal."""


class LocalError(Exception):
    """A failure whose text is the whole message: it is shown without a traceback, and the exit code is not 0."""
