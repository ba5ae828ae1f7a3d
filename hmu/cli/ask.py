"""`generate` and `classify`: one text to one checkpoint."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from hmu.beams import beam_search, log_probabilities
from hmu.checkpoint import Checkpoint
from hmu.cli.options import Commands, add_checkpoint, add_controls, controls_of, open_checkpoint, show, tell, whole
from hmu.decoding import Pieces, stream
from hmu.memory import Remembered
from hmu.reading import Source, class_probabilities, read, remember
from hmu.sampling import Decoding
from hmu.tasks import TASKS, find_task
from hmu.tasks.common_gen import concepts


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence: its text, and its tokens as the pieces of text that they add, each with its log-probability."""

    text: str
    tokens: list[str]
    logprobs: list[float]


def add(commands: Commands) -> None:
    """Add both commands."""
    writes = [name for name, task in TASKS.items() if task.generates]
    names = [name for name, task in TASKS.items() if task.labels]
    generate = commands.add_parser("generate", help="write from a text")
    _add_question(generate, writes)
    default = Decoding()
    generate.add_argument("--max-new-tokens", type=whole, default=default.max_new_tokens, metavar="N")
    generate.add_argument("--beams", type=whole, default=1, metavar="N", help="1 takes the likeliest token each time")
    generate.add_argument(
        "--use", default="", metavar="WORDS", help="words that the beams are asked to use, by commas, see hmu.wanted"
    )
    generate.add_argument(
        "--decoding-temperature", type=float, default=default.temperature, metavar="T", help="0: greedy"
    )
    generate.add_argument("--top-k", type=int, default=default.top_k, metavar="K", help="0 for all")
    generate.add_argument("--top-p", type=float, default=default.top_p, metavar="P", help="1 for all")
    generate.add_argument("--repetition-penalty", type=float, default=default.repetition_penalty, metavar="R")
    generate.set_defaults(run=run_generate)
    classify = commands.add_parser("classify", help="name the class of a text")
    _add_question(classify, names)
    classify.add_argument("--second", metavar="TEXT", help="the other text, for a task that reads a pair")
    classify.set_defaults(run=run_classify)


def _add_question(parser: argparse.ArgumentParser, tasks: list[str]) -> None:
    add_checkpoint(parser)
    parser.add_argument("--task", required=True, choices=tasks, metavar="TASK", help=", ".join(tasks))
    parser.add_argument("--text", required=True)
    add_controls(parser)


def run_generate(options: argparse.Namespace) -> None:
    """Read, remember, write, print."""
    decoding = _decoding(options)
    checkpoint, source, remembered = _ask(options)
    if options.beams > 1:
        written = _by_beams(checkpoint, remembered, options.beams, decoding.max_new_tokens, concepts(options.use))
    else:
        written = _by_stream(checkpoint, remembered, decoding)
    value = asdict(written) | _seen(source, remembered)
    show(value, (written.text, "", *_gate_lines(source, remembered)), options.json)


def run_classify(options: argparse.Namespace) -> None:
    """Read, remember, classify, print."""
    checkpoint, source, remembered = _ask(options)
    probabilities = class_probabilities(checkpoint, remembered, options.task)
    label = max(probabilities, key=lambda name: probabilities[name])
    value = {"label": label, "probabilities": probabilities} | _seen(source, remembered)
    bars = (f"{share:7.2%}  {name}" for name, share in sorted(probabilities.items(), key=lambda item: -item[1]))
    show(value, (label, *bars, "", *_gate_lines(source, remembered)), options.json)


def _decoding(options: argparse.Namespace) -> Decoding:
    decoding = Decoding(
        temperature=options.decoding_temperature,
        top_k=options.top_k,
        top_p=options.top_p,
        repetition_penalty=options.repetition_penalty,
        seed=options.seed,
        max_new_tokens=options.max_new_tokens,
    )
    plain = Decoding(seed=options.seed, max_new_tokens=options.max_new_tokens)
    if options.use and options.beams < 2:
        raise ValueError("--use: words are asked of several beams; add --beams 8")
    if options.beams > 1 and decoding != plain:
        raise ValueError("--beams: keeps the likeliest sentences; leave out the flags that draw or penalise tokens")
    return decoding


def _ask(options: argparse.Namespace) -> tuple[Checkpoint, Source, Remembered]:
    controls = controls_of(options)
    checkpoint = open_checkpoint(options)
    task = find_task(options.task)
    if task.labels and task.name not in checkpoint.model.config.task_labels:
        heads = ", ".join(checkpoint.model.config.task_labels) or "none"
        raise ValueError(f"{checkpoint.name}: no head for task {task.name}; it has heads for {heads}")
    source = read(checkpoint, options.task, options.text, getattr(options, "second", None))
    tell(source.notes)
    return checkpoint, source, remember(checkpoint, source, controls)


def _by_stream(checkpoint: Checkpoint, remembered: Remembered, decoding: Decoding) -> Written:
    steps = list(stream(checkpoint, remembered, decoding))
    text = "".join(step.piece for step in steps).strip()
    return Written(text, [step.piece for step in steps], [step.logprob for step in steps])


def _by_beams(checkpoint: Checkpoint, remembered: Remembered, beams: int, max_new_tokens: int, words: str) -> Written:
    wanted = None
    if words:
        from hmu.wanted import WantedWords  # noqa: PLC0415 - needs an extra

        wanted = WantedWords(checkpoint.tokenizer, [words.split()])
    (tokens,) = beam_search(checkpoint.model, remembered, beams, max_new_tokens, wanted)
    text = checkpoint.tokenizer.decode(tokens, skip_special_tokens=True).strip()
    pieces = Pieces(checkpoint.tokenizer)
    return Written(
        text, [pieces.add(token) for token in tokens], log_probabilities(checkpoint.model, remembered, tokens)
    )


def _gates(remembered: Remembered) -> list[float] | None:
    """One mean over channels per source token."""
    gate = remembered.trace.gate
    return None if gate is None else gate[0].float().mean(-1).tolist()


def _seen(source: Source, remembered: Remembered) -> dict[str, object]:
    return {"source_tokens": list(source.tokens), "gates": _gates(remembered)}


def _gate_lines(source: Source, remembered: Remembered) -> Iterator[str]:
    gates = _gates(remembered)
    if gates is None:
        yield "no gate: a baseline reads its source literally"
        return
    yield "gate of each source token (1 = literal, 0 = latent)"
    yield from (f"{gate:7.3f}  {token.strip()}" for token, gate in zip(source.tokens, gates, strict=True))
