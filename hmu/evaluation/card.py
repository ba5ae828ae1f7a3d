"""Facts and figures → the model card, README.md, of a checkpoint of texts. Measures nothing and reads no data."""

from collections.abc import Iterator, Sequence

from hmu.evaluation.endings import Endings
from hmu.evaluation.facts import CardFacts, latent_width
from hmu.evaluation.figures import EVERY_CONCEPT, GRID, HELD_OUT, TRAINED_ON, Figure, Figures
from hmu.evaluation.metadata import front_matter
from hmu.evaluation.score import BEAMS
from hmu.evaluation.sections import CITE, ONE_SEED, READING, about, model, sheet, training
from hmu.evaluation.sources import SOURCES
from hmu.evaluation.tables import markdown, scores, units
from hmu.tasks import Task, find_task
from hmu.tasks.stories import ROC_STORIES
from hmu.wanted import BEAMS as WANTED_BEAMS
from hmu.wanted import COST

EXAMPLES = {
    "common_gen": ("dog, ball, throw",),
    "ag_news": ("Shares rise as the central bank leaves interest rates unchanged",),
    "sst2": ("a warm and funny film",),
    "mrpc": ("The shares rose by a tenth on Monday.", "On Monday the shares gained ten percent."),
    "rte": ("Two boats reached the island before the storm.", "Boats came to the island."),
    "cola": ("The dog that we saw were barking.",),
    "qnli": ("When was the bridge built?", "The bridge was built in 1932 by two brothers."),
    "mnli": ("A man plays the guitar on the stairs.", "Nobody makes music."),
    "roc_stories": ("Ann wanted a cake. She had no eggs. She went to the shop. The shop was closed.",),
}
"""Task → what its lines of code read: a text, or the two of a pair."""

_USE = """
```python
from hmu import Controls, Decoding, class_probabilities, load_checkpoint, read, remember, stream

checkpoint = load_checkpoint("zoo/checkpoints/{id}")
controls = Controls(gate_bias=0.0, temperature=0.0, seed=0)
{calls}
```

The same at the command line:

```sh
{commands}
```

`AutoModelForSeq2SeqLM.from_pretrained` and `AutoTokenizer.from_pretrained` load it too, once `hmu` is imported;
`generate` takes `controls=`."""


_READS = (
    "Sources are cut at {c.max_source_length} tokens, targets at {c.max_target_length}. "
    "Classification reads the mean over the memory's real slots."
)

_HOW = """
Recipe, number of epochs and decoding were chosen on a seeded {share:.0%} slice of the training rows (seed {seed}), the
part called “{held_out}”. The figures on the given validation and test files are one reading of each, for this card.
Computed from the weights as stored (fp16), in {dtype} on {device}.

Sentences are plain {beams}-beam outputs with length penalty {penalty:g}: no constraints, no post-editing. Coverage:
share of an input's concepts whose Snowball stem is the stem of an output word, mean over inputs, 0–1. BLEU:
sacrebleu 13a, lower case, all references, 0–100. Majority: accuracy of the commonest class."""

_WANTED = """
Asked for every concept, at δ = {bias:g}, τ = {temperature:g}: **coverage {coverage:.4f}, BLEU {bleu:.2f}**. Here
{beams} beams are ranked by log-probability less {cost:g} nats for each concept that is still missing, and of those that
are left the likeliest of the ones that use most concepts is taken (`evaluate --every-concept`). What a concept costs
was settled on held-out rows, but the search was made with an eye on the given file."""

_CHANGED = """
Changed: share of answers that differ from those at δ = {bias:g}, τ = {temperature:g}; draws at τ > 0 have seed {seed}.
"""


def card(facts: CardFacts[Figures]) -> str:
    """The whole card: metadata, then sections."""
    tasks = [find_task(name) for name in facts.training.recipe.task_names]
    sections = (
        (facts.id, about(facts, "; ".join(task.title for task in tasks))),
        ("Use", _use(facts, tasks)),
        ("Model", model(facts, "byte-level BPE pieces trained on the training rows", _READS.format(c=facts.config))),
        ("Training", training(facts, " --data-root DATA", _plans(facts))),
        ("Data", _data(facts)),
        ("Figures", _figures(facts, tasks)),
        ("Limits and licence", _limits()),
        ("Cite", [CITE]),
    )
    return sheet(facts, front_matter(facts), sections)


def _use(facts: CardFacts[Figures], tasks: Sequence[Task]) -> Iterator[str]:
    calls, commands = list[str](), list[str]()
    for task in tasks:
        texts, verb = EXAMPLES[task.name], "generate" if task.generates else "classify"
        asked = ", ".join(f'"{text}"' for text in (task.name, *texts))
        flags = " ".join(f'{flag} "{text}"' for flag, text in zip(("--text", "--second"), texts, strict=False))
        answer = (
            '"".join(step.piece for step in stream(checkpoint, remembered, Decoding()))'
            if task.generates
            else f'class_probabilities(checkpoint, remembered, "{task.name}")'
        )
        calls += ["", f"remembered = remember(checkpoint, read(checkpoint, {asked}), controls)"]
        calls += [f"print({answer})"]
        commands += [f"python -m hmu {verb} --checkpoint zoo/checkpoints/{facts.id} --task {task.name} {flags}"]
    yield _USE.format(id=facts.id, calls="\n".join(calls), commands="\n".join(commands))


def _plans(facts: CardFacts[Figures]) -> Iterator[tuple[str, str]]:
    recipe = facts.training.recipe
    rows = {part.task: part.rows for part in facts.figures.parts if part.split == TRAINED_ON}
    for plan in recipe.tasks:
        which = f", of these the ones of at least {plan.min_words} words" if plan.min_words else ""
        copies = recipe.variants.get(plan.name)
        count = f"{rows[plan.name]:,} rows" + (f" and {copies} varied copies of each" if copies else "")
        others = recipe.adopted.get(plan.name, ())
        count += f" and those sentences of {', '.join(others)} that ask for enough concepts" if others else ""
        yield plan.name, f"{count}{which}, {plan.epochs:g} epochs, batches of {plan.batch_size}"
    if recipe.denoising:
        more, noises = recipe.denoising, ", then ".join(recipe.denoising.noises)
        told = f"the sentences of these texts, written again from what {noises} leaves of them"
        yield "denoising", f"{told}, {more.epochs:g} epochs, batches of {more.batch_size}"


def _data(facts: CardFacts[Figures]) -> Iterator[str]:
    rows = [
        (SOURCES[p.task].name, p.split, f"`{p.file}`", f"{p.rows:,}", f"{p.inputs:,}", f"`{p.sha256[:16]}`")
        for p in facts.figures.parts
    ]
    yield from markdown(("data set", "part", "file", "rows", "inputs", "sha256 of the file, first 16"), rows)
    yield ""
    for name in dict.fromkeys(part.task for part in facts.figures.parts):
        source = SOURCES[name]
        yield f"- {source.name} (`{source.hub}`): {source.note}. Licence: {source.licence}."


def _figures(facts: CardFacts[Figures], tasks: Sequence[Task]) -> Iterator[str]:
    recipe, figures = facts.training.recipe, facts.figures
    yield _HOW.format(
        share=recipe.held_out,
        seed=recipe.seed,
        held_out=HELD_OUT,
        beams=BEAMS,
        penalty=facts.config.beam_length_penalty,
        dtype=figures.dtype,
        device=figures.device,
    )
    if facts.config.memory == "hmu":
        first = GRID[0]
        yield _CHANGED.format(bias=first.gate_bias, temperature=first.temperature, seed=first.seed).rstrip()
    scored = dict.fromkeys([*(task.name for task in tasks), *(figure.task for figure in figures.figures)])
    for task in map(find_task, scored):
        yield f"\n### {task.title}\n"
        mine = [figure for figure in figures.figures if figure.task == task.name]
        yield from markdown(*scores(mine))
        yield from _asked(mine)
        if task is ROC_STORIES and figures.endings is not None:
            yield from _endings(figures.endings)
        if any(figure.metrics.get("gate_mean") is not None for figure in mine):
            yield ""
            yield from markdown(*units(mine, latent_width(facts.config)))
    if facts.config.memory == "hmu":
        yield READING


def _asked(figures: Sequence[Figure]) -> Iterator[str]:
    for one in figures:
        if EVERY_CONCEPT["coverage"] in one.metrics:
            told = {name: one.metrics[long] for name, long in EVERY_CONCEPT.items()}
            setting = {"bias": one.gate_bias, "temperature": one.temperature}
            yield _WANTED.format(**setting, **told, beams=WANTED_BEAMS, cost=COST)


def _endings(endings: Endings) -> Iterator[str]:
    share = endings.repeating / endings.drawn
    yield (
        f"\nOf {endings.drawn} endings drawn from the given file's (seed {endings.seed}), {endings.repeating} "
        f"({share:.1%}) have some three words in a row twice. The first of them, by their stories' lines in the file:\n"
    )
    yield from (f"- {line}: {text}" for line, text in endings.shown)
    yield ""


def _limits() -> Iterator[str]:
    yield (
        f"{ONE_SEED} The model knows only what is in its training rows, all of them English; "
        "it is for study, not for use."
    )
    yield (
        "Because of the terms of the data that it was trained on, the weights are for research, not for commerce "
        "(`license: other`); the code is under the MIT licence."
    )
