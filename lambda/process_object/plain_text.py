"""Text: lines and words are counted, the last line gets its line feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Lines:
    """A text, read once by :meth:`normalised`; afterwards ``lines`` and ``words`` are known."""

    def __init__(self) -> None:
        self.lines = 0
        self.words = 0

    def normalised(self, pieces: Iterable[str]) -> Iterator[str]:
        """The text as it is, ended by a line feed."""
        last = "\n"
        for piece in pieces:
            self.lines += piece.count("\n")
            self.words += len(piece.split())
            if not last.isspace() and not piece[0].isspace():
                self.words -= 1  # the word that was cut in two
            last = piece[-1]
            yield piece
        if last != "\n":
            self.lines += 1
            yield "\n"
