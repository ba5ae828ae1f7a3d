"""One column's writing of one visitor: when it was last begun, when it was stopped. Knows nothing of gradio.

Times are those of `time.time`. A writing is told by when it was asked for: it goes on until it is stopped after that,
or another is asked for. So a Stop also ends what was asked for before it and comes to be written only later.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar


@dataclass(slots=True)
class Switch:
    """What a visitor's Stop and Run say to a column's writing; shared by reference, changed in place.

    Args:
        stopped: when Stop was pressed last.
        newest: when the newest writing was asked for.
        shows: the checkpoint whose writing, or whose empty column, is shown.
    """

    stopped: float = 0.0
    newest: float = 0.0
    shows: str = ""

    def begin(self, asked: float, checkpoint: str = "") -> None:
        """A writing that was asked for then starts; what was asked for before gives way."""
        if asked >= self.newest:
            self.newest, self.shows = asked, checkpoint

    def turns_to(self, checkpoint: str) -> bool:
        """Whether a column that shows something else turns to this checkpoint, and is to be emptied for it."""
        turns, self.shows = self.shows != checkpoint, checkpoint
        return turns

    def stop(self, now: float) -> None:
        """End all that was asked for until now."""
        self.stopped = now

    def is_stopped(self, asked: float) -> bool:
        """Whether Stop was pressed since."""
        return self.stopped >= asked

    def gives_way(self, asked: float) -> bool:
        """Whether something newer writes here."""
        return self.newest > asked


Frame = TypeVar("Frame")


def until(
    switch: Switch,
    asked: float,
    frames: Iterator[Frame | None],
    idle: Callable[[Frame], Frame],
    nothing: Frame,
    checkpoint: str = "",
) -> Iterator[Frame]:
    """Begin a writing: its frames until it is stopped or gives way.

    Args:
        switch: the column's.
        asked: when it was asked for.
        frames: what it would send; None where there is nothing to send but a Stop to look for.
        idle: what ends a stopped one, from the frame that was sent last.
        nothing: leaves everything as it is. Gradio empties what a generator without a value was to fill, so this is
            sent where no frame was.
        checkpoint: whose writing it is.
    """
    switch.begin(asked, checkpoint)
    shown: Frame | None = None
    for frame in frames:
        if switch.gives_way(asked):
            break
        if switch.is_stopped(asked):
            if shown is not None:
                yield idle(shown)
            break
        if frame is not None:
            shown = frame
            yield frame
    if shown is None:
        yield nothing
