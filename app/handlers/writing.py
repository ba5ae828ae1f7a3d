"""One checkpoint at work on a text, token by token. Every column of the page takes this one way."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from app.desk import Desk, refuse_unlearned
from app.handlers.asks import Ask
from app.handlers.looking import Look
from hmu import Decoding, Step, find_task, read, remember, stream
from hmu.profile import WritingProfile, gate_profile, writing_profile


@dataclass(frozen=True, slots=True)
class Written:
    """A text as far as it is written.

    Args:
        look: how the source is read.
        steps: tokens so far.
        writing: what they saw; None before the first.
        first_token: seconds from Run to the first token; None before it.
        seconds: time the model has worked on tokens so far.
        done: whether it has finished.
    """

    look: Look
    steps: tuple[Step, ...] = ()
    writing: WritingProfile | None = None
    first_token: float | None = None
    seconds: float = 0.0
    done: bool = False

    @property
    def text(self) -> str:
        """What is written so far."""
        return "".join(step.piece for step in self.steps).strip()

    @property
    def tokens_per_second(self) -> float:
        """Tokens over the time the model worked on them."""
        return len(self.steps) / self.seconds if self.seconds else 0.0

    @property
    def mean_logprob(self) -> float | None:
        """Mean natural logarithm of the tokens' probabilities under the model; None before the first."""
        return sum(step.logprob for step in self.steps) / len(self.steps) if self.steps else None

    @property
    def perplexity(self) -> float | None:
        """Per token: e to the minus mean log-probability; None before the first."""
        return None if self.mean_logprob is None else math.exp(-self.mean_logprob)


def write(desk: Desk, ask: Ask, decoding: Decoding, begun: Sequence[int] = ()) -> Iterator[Written]:
    """Let a checkpoint write.

    Args:
        desk: where its model is.
        ask: what it is asked.
        decoding: how tokens are chosen.
        begun: tokens that the text starts with.

    Yields:
        The text after each token, and once more when it is done; closing the generator ends the work.

    Raises:
        ValueError: for an unknown checkpoint or task, a task that writes nothing, an empty text, a bad control, or a
            token to begin with that the checkpoint does not have.
    """
    if not find_task(ask.task).generates:
        raise ValueError(f'task "{ask.task}" classifies; pick it on the Classify tab')
    refuse_unlearned(desk.entry(ask.checkpoint), ask.task)
    started = time.perf_counter()
    checkpoint = desk.shelf.get(ask.checkpoint)
    known = range(checkpoint.model.config.vocab_size)
    if not all(token in known for token in begun):
        raise ValueError(f"begun: {list(begun)!r:.60}; give tokens from 0 to {known[-1]}")
    source = read(checkpoint, ask.task, ask.text, ask.second)
    remembered = remember(checkpoint, source, ask.controls)
    notes = source.notes + ((f"Begun with “{checkpoint.tokenizer.decode(begun).strip()}”.",) if begun else ())
    written = Written(Look(source.tokens, gate_profile(source, remembered), notes))
    with closing(stream(checkpoint, remembered, decoding, begun)) as steps:
        began = time.perf_counter()
        for step in steps:
            now = time.perf_counter()
            so_far = (*written.steps, step)
            written = replace(
                written,
                steps=so_far,
                writing=writing_profile(source, so_far),
                first_token=now - started if written.first_token is None else written.first_token,
                seconds=written.seconds + now - began,
            )
            yield written
            began = time.perf_counter()
    yield replace(written, done=True)
