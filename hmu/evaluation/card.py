"""Facts and figures → the text of a model card, README.md. Measures nothing and reads no data."""

from collections.abc import Iterable, Iterator, Sequence

from hmu.configuration import MemoryTransformerConfig
from hmu.evaluation.facts import CardFacts, latent_width
from hmu.evaluation.figures import GRID, HELD_OUT, TRAINED_ON
from hmu.evaluation.metadata import front_matter
from hmu.evaluation.score import BEAMS
from hmu.evaluation.sources import SOURCES
from hmu.evaluation.tables import markdown, scores, units
from hmu.evaluation.unit import ACTIVE_ABOVE
from hmu.tasks import TASKS, Task, find_task

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


_UNIT = """
The unit: a token-level VAE (latent width {latent}), a learned gate for each source token and channel (1 reads the
literal encoder state, 0 its latent reconstruction), and a projection. Two controls act at inference: the gate bias δ,
in logits, and the latent temperature τ (0 = the mean, 1 = as trained)."""

_HOW = """
Recipe, number of epochs and decoding were chosen on a seeded {share:.0%} slice of the training rows (seed {seed}), the
part called “{held_out}”. The given validation and test files were read once, for this card. Computed from the weights
as stored (fp16), in {dtype} on {device}.

Sentences are plain {beams}-beam outputs with length penalty {penalty:g}: no constraints, no post-editing. Coverage:
share of an input's concepts whose Snowball stem is the stem of an output word, mean over inputs, 0–1. BLEU:
sacrebleu 13a, lower case, all references, 0–100. Majority: accuracy of the commonest class."""

_CHANGED = """
Changed: share of answers that differ from those at δ = {bias:g}, τ = {temperature:g}; draws at τ > 0 have seed {seed}.
"""

_READING = """
Gates are averaged over channels; their standard deviation is between the real source tokens, or between the channels
of a token. A latent dimension is active if its mean varies by more than {active:g} (variance over tokens). KL in nats
per source token."""


def card(facts: CardFacts) -> str:
    """The whole card: metadata, then sections."""
    tasks = [find_task(name) for name in facts.training.recipe.task_names]
    sections = (
        (facts.id, _about(facts)),
        ("Use", _use(facts, tasks)),
        ("Model", _model(facts)),
        ("Training", _training(facts)),
        ("Data", _data(facts)),
        ("Figures", _figures(facts, tasks)),
        ("Limits and licence", _limits()),
        ("Cite", [_CITE]),
    )
    body = (f"{'#' if title == facts.id else '##'} {title}\n\n{_join(lines)}" for title, lines in sections)
    return front_matter(facts) + "\n" + "\n\n".join(body) + "\n"


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()


def _about(facts: CardFacts) -> Iterator[str]:
    training, titles = facts.training, [TASKS[name].title for name in facts.training.recipe.task_names]
    others = [f"`{training.pair}-{arm}`" for arm in training.recipe.arms if arm != training.arm]
    kind = (
        "with a Hippocampus Memory Unit (HMU) between encoder and decoder"
        if facts.config.memory == "hmu"
        else "without a memory unit: the baseline of its pair"
    )
    yield f"A small encoder–decoder Transformer {kind}, trained from scratch on: {'; '.join(titles)}."
    yield (
        f"It belongs to the pair `{training.pair}`, with {', '.join(others)}: same recipe, seed, data order and "
        "number of steps, equal initial values in every tensor that they share."
    )


def _use(facts: CardFacts, tasks: Sequence[Task]) -> Iterator[str]:
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


def _model(facts: CardFacts) -> Iterator[str]:
    c = facts.config
    yield (
        f"**{facts.parameters:,} parameters**, {facts.memory_parameters:,} of them in the memory "
        f'(`memory = "{c.memory}"`).\n'
        f"Post-norm encoder–decoder: width {c.d_model}, {c.num_heads} heads, {c.encoder_layers} + {c.decoder_layers} "
        f"layers, feed-forward {c.d_ff:,} with ReLU, sinusoidal positions, dropout {c.dropout:g},\n"
        f"{'tied' if c.tie_word_embeddings else 'untied'} embeddings of {c.vocab_size:,} byte-level BPE pieces trained "
        f"on the training rows, {'an' if c.output_bias else 'no'} output bias.\n"
        f"Sources are cut at {c.max_source_length} tokens, targets at {c.max_target_length}. "
        "Classification reads the mean over the memory's real slots."
    )
    if c.memory == "hmu":
        yield ""
        yield _UNIT.format(latent=latent_width(c))


def _training(facts: CardFacts) -> Iterator[str]:
    training, recipe = facts.training, facts.training.recipe
    o = recipe.optimizer
    yield "```sh"
    precision = f" --precision {training.precision}" if training.precision else ""
    chosen = f"--recipe {training.recipe_file} --arm {training.arm}{precision}"
    yield f"python -m hmu train {chosen} --data-root DATA --out OUT"
    yield "```"
    yield ""
    yield from markdown(
        ("setting", "value"), [("recipe", recipe.name), ("seed", str(recipe.seed)), *_recipe_rows(facts)]
    )
    yield ""
    yield (
        f"AdamW (β₂ {o.beta2:g}, weight decay {o.weight_decay:g}), learning rate {o.learning_rate:g} after "
        f"{o.warmup_steps:,} warm-up steps, then a cosine to 0 at step {facts.steps:,};\n"
        f"gradients cut at norm {o.clip:g}; {o.precision}."
    )
    yield f"Trained on {training.hardware} in {training.minutes:g} minutes; stored in fp16."
    yield "Versions when this card was made: " + ", ".join(f"{n} {v}" for n, v in facts.versions.items()) + "."
    yield from training.notes
    yield f"\nThe recipe, `{training.recipe_file}`, in full:\n\n```toml\n{training.recipe_text.strip()}\n```"


def _recipe_rows(facts: CardFacts) -> Iterator[tuple[str, str]]:
    recipe, config = facts.training.recipe, facts.config
    rows = {part.task: part.rows for part in facts.figures.parts if part.split == TRAINED_ON}
    for plan in recipe.tasks:
        which = f", of these the ones of at least {plan.min_words} words" if plan.min_words else ""
        copies = recipe.variants.get(plan.name)
        count = f"{rows[plan.name]:,} rows" + (f" and {copies} varied copies of each" if copies else "")
        yield plan.name, f"{count}{which}, {plan.epochs:g} epochs, batches of {plan.batch_size}"
    if config.memory == "hmu":
        yield (
            "loss",
            f"cross-entropy + {config.kl_weight:g} · KL, free bits {config.free_bits:g} nats per latent dimension"
            + _gate_cost(config),
        )
        yield "latent in training", "sampled, τ = 1"
        yield (
            "gate bias in training",
            f"{recipe.gate_bias_share:.0%} of the steps draw δ uniformly in ±{recipe.gate_bias_range:g}, "
            "a departure from the paper",
        )
    else:
        yield "loss", "cross-entropy"


def _gate_cost(config: MemoryTransformerConfig) -> str:
    if not config.gate_weight:
        return ""
    return f", + {config.gate_weight:g} · (mean gate − {config.gate_target:g})², a departure from the paper"


def _data(facts: CardFacts) -> Iterator[str]:
    rows = [
        (SOURCES[p.task].name, p.split, f"`{p.file}`", f"{p.rows:,}", f"{p.inputs:,}", f"`{p.sha256[:16]}`")
        for p in facts.figures.parts
    ]
    yield from markdown(("data set", "part", "file", "rows", "inputs", "sha256 of the file, first 16"), rows)
    yield ""
    for name in dict.fromkeys(part.task for part in facts.figures.parts):
        source = SOURCES[name]
        yield f"- {source.name} (`{source.hub}`): {source.note}. Licence: {source.licence}."


def _figures(facts: CardFacts, tasks: Sequence[Task]) -> Iterator[str]:
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
    for task in tasks:
        yield f"\n### {task.title}\n"
        mine = [figure for figure in figures.figures if figure.task == task.name]
        yield from markdown(*scores(mine))
        if any(figure.metrics.get("gate_mean") is not None for figure in mine):
            yield ""
            yield from markdown(*units(mine, latent_width(facts.config)))
    if facts.config.memory == "hmu":
        yield _READING.format(active=ACTIVE_ABOVE)


def _limits() -> Iterator[str]:
    yield (
        "One seed was trained, so nothing is known of the spread, and a difference between the arms may be chance. The "
        "model knows only what is in its training rows, all of them English; it is for study, not for use."
    )
    yield (
        "Because of the terms of the data that it was trained on, the weights are for research, not for commerce "
        "(`license: other`); the code is under the MIT licence."
    )


_CITE = "E. Sánchez Gámez, “HMU: Hippocampus Memory Unit”, 2025, doi:10.5281/zenodo.15715904."
