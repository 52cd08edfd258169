"""Why a release does not go on."""


class ReleaseRefusedError(Exception):
    """Something stands against the release; the text says what, for the person who reads the build's log."""
