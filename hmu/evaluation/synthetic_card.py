"""Facts and figures → the model card, README.md, of a checkpoint of the synthetic tasks. Measures nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from hmu.evaluation.facts import CardFacts, latent_width
from hmu.evaluation.published import Published
from hmu.evaluation.retention import Figure
from hmu.evaluation.sections import CITE, ONE_SEED, READING, about, model, sheet, training
from hmu.evaluation.synthetic_figures import Asked, Setting, SyntheticFigures, asked
from hmu.evaluation.synthetic_metadata import TITLES, front_matter
from hmu.evaluation.tables import UNIT, markdown, unit
from hmu.tasks.synthetic import SPECIAL, TOKENS
from hmu.training.recipe import SyntheticPlan

_LEARNED = {
    "retention": "retention (a token, fillers, and the question which token it was)",
    "recall": "associative recall (keys with their values, then each key again, a question for its value)",
    "copy": "copy (tokens, then all of them again)",
}
_COUNTED = {"retention": "fillers", "recall": "source tokens", "copy": "tokens"}
_NAMES = {
    "probability": "P(right)",
    "recalled": "recalled",
    "cosine": "cosine written/read",
    "accuracy": "accuracy",
    "whole": "whole rows",
}
"""What a figure is called in a table."""

_USE = """
```python
from hmu import Controls, load_checkpoint
from hmu.evaluation.retention import Bench

checkpoint = load_checkpoint("zoo/checkpoints/{id}")
controls = Controls(gate_bias=0.0, temperature=0.0, seed=0)

bench = Bench(checkpoint, controls, rows=16)
print(bench.retention({steps}))
print(bench.recall({length}, {pairs}))
print(bench.copy({copied}))

text = checkpoint.tokenizer("t17 t4 t9 t100 <query>", return_tensors="pt").to(checkpoint.model.device)
answer = checkpoint.model.generate(text.input_ids, attention_mask=text.attention_mask, controls=controls)
print(checkpoint.tokenizer.convert_ids_to_tokens(answer[0]))
```

`Bench` measures on a few rows; the last three lines ask one question by hand. The figures below, at the command line:

```sh
{commands}
```

`Bench` and `retain` need the extra `evaluate`. `AutoModelForSeq2SeqLM.from_pretrained` and
`AutoTokenizer.from_pretrained` load the checkpoint too, once `hmu` is imported."""

_DATA = """
None: no file is read. Each row is drawn from a seed and an address, its number, whenever it is asked for.

- Trained on: seed {seed}, addresses from 2³² on; {trained}; {all:,} rows in all.
- Measured: seed {rows_seed}, addresses 0 to {last:,}. No address is both."""

_HOW = """
Each figure is the mean of {rows:,} rows ± half the width of its 95 % interval: over rows, not over trainings. Both arms
are asked the same rows. Computed from the weights as stored (fp16), in {dtype} on {device}. By chance: what a guess
would get right.{mean}"""

_MEAN = """

In the first three tables {setting}: the gate as learned, the latent's mean."""

_READS = {
    "retention": f"""
A token, always the first of its text, t random fillers, the question. P(right): the probability that is given to that
token; a guess is one of {TOKENS:,}. Recalled: the share of rows in which no other is likelier. Cosine: between the
token's memory when it is written (the text ends there) and when it is read (t fillers later); it says how far the
fillers move that memory, not whether the token can be told from it.""",
    "recall": """
Accuracy: the share of a row's questions whose likeliest answer is the key's value. A guess is any of the row's values,
whatever the key.""",
    "copy": """
Accuracy: the share of a row's tokens, its end among them, that are likeliest after the right ones before them; a guess
has the end right and no token. Whole rows: the share without a fault.""",
}

_SETTINGS = """
At δ = −∞ every gate is 0 and the decoder reads the latents alone; at δ = ∞ every gate is 1 and it reads the literal
path alone, where τ changes nothing. At any other δ something of both gets through, how much the mean gate says, over
the sources of the longest rows. In training δ {trained}. Draws at τ > 0 have seed {seed} and a row's address."""

_PUBLISHED = """
The paper's figure, as its public scripts compute it: the cosine between a token's id, repeated over all channels, and
its memory. The number of steps is never used, nor does it matter which id stands where: it is the drift of a
normalisation, told here because it was published."""


def card(facts: CardFacts[SyntheticFigures]) -> str:
    """The whole card: metadata, then sections."""
    c, parts = facts.config, list(dict.fromkeys(plan.part for plan in facts.training.recipe.synthetic))
    learned = "; ".join(_LEARNED[part] for part in parts) + ". All are synthetic memory tasks, drawn from a seed"
    embedded = f"ids, {TOKENS:,} to draw from and {len(SPECIAL)} special ones"
    reads = f"Sources have at most {c.max_source_length} tokens, targets {c.max_target_length}."
    sections = (
        (facts.id, about(facts, learned)),
        ("Use", _use(facts)),
        ("Model", model(facts, embedded, reads)),
        ("Training", training(facts, "", _plans(facts.training.recipe.synthetic))),
        ("Data", _data(facts)),
        ("Figures", _figures(facts)),
        ("Limits and licence", _limits()),
        ("Cite", [CITE]),
    )
    return sheet(facts, front_matter(facts), sections)


def _use(facts: CardFacts[SyntheticFigures]) -> Iterator[str]:
    figures = facts.figures
    found = figures.settings[0].found
    command = f"python -m hmu retain --checkpoint zoo/checkpoints/{facts.id} --rows {figures.rows}"
    yield _USE.format(
        id=facts.id,
        steps=found.retention[-1].steps,
        length=found.recall[0].length,
        pairs=found.recall[0].pairs,
        copied=found.copy[0].length,
        commands="\n".join(command + _flags(setting) for setting in figures.settings),
    )


def _flags(setting: Setting) -> str:
    bias = f" --gate-bias {setting.gate_bias:g}" if setting.gate_bias else ""
    return bias + (f" --temperature {setting.temperature:g}" if setting.temperature else "")


def _plans(plans: Sequence[SyntheticPlan]) -> Iterator[tuple[str, str]]:
    for plan in plans:
        pairs = f" with up to {plan.pairs} pairs" if plan.pairs else ""
        grown = f"{plan.growth:.0%} of the training" if plan.growth else "the start"
        yield (
            plan.part,
            f"{plan.steps:,} steps, each of at most {plan.batch_size:,} rows and {plan.batch_tokens:,} tokens; "
            f"{plan.shortest:,} to {plan.longest:,} {_COUNTED[plan.part]}{pairs}, the longest from {grown} on",
        )


def _data(facts: CardFacts[SyntheticFigures]) -> Iterator[str]:
    figures = facts.figures
    yield _DATA.format(
        trained=", ".join(f"{part} {rows:,}" for part, rows in figures.trained.items()),
        all=sum(figures.trained.values()),
        seed=facts.training.recipe.seed,
        rows_seed=figures.rows_seed,
        last=figures.rows - 1,
    )


def _figures(facts: CardFacts[SyntheticFigures]) -> Iterator[str]:
    figures = facts.figures
    first = figures.settings[0]
    mean = _MEAN.format(setting=_named(first)) if first.units else ""
    yield _HOW.format(rows=figures.rows, dtype=figures.dtype, device=figures.device, mean=mean)
    questions = list(asked(first.found))
    for part, title in TITLES.items():
        yield f"\n### {title}\n{_READS[part]}\n"
        yield from _as_trained([question for question in questions if question.part == part])
    if first.units:
        yield from _by_setting(facts)
        yield from _unit(first, latent_width(facts.config))
    yield from _published(first.found.published)


def _as_trained(questions: Sequence[Asked]) -> Iterator[str]:
    """One part's questions, a row each."""
    rows = [(one.about, *map(_said, one.figures.values()), f"{one.chance:.4f}") for one in questions]
    yield from markdown(("asked", *map(_NAMES.__getitem__, questions[0].figures), "by chance"), rows)


def _by_setting(facts: CardFacts[SyntheticFigures]) -> Iterator[str]:
    """Each mean of more than hits and misses, and each mean gate, a row; a column for each setting."""
    settings, recipe = facts.figures.settings, facts.training.recipe
    drawn = f"stays within ±{recipe.gate_bias_range:g}" if recipe.gate_bias_share else "is 0"
    drawn += f", or is −∞ ({recipe.latent_only_share:.0%} of the steps)" if recipe.latent_only_share else ""
    yield f"\n### What either path keeps\n{_SETTINGS.format(trained=drawn, seed=settings[0].seed)}\n"
    rows = list[tuple[str, ...]]()
    for part, title in TITLES.items():
        told = [[one for one in asked(setting.found) if one.part == part] for setting in settings]
        for name in [name for name, figure in told[0][0].figures.items() if isinstance(figure, Figure)]:
            for each in zip(*told, strict=True):
                rows.append((title, each[0].about, _NAMES[name], *(_said(one.figures[name]) for one in each)))
        gates = (f"{setting.units[part].gate_mean:.4f}" for setting in settings)
        rows.append((title, told[0][-1].about, "mean gate", *gates))
    yield from markdown(("task", "asked", "figure", *map(_named, settings)), rows)


def _unit(setting: Setting, latent: int) -> Iterator[str]:
    longest = {question.part: question.about for question in asked(setting.found)}
    yield f"\n### The unit\n\nAt {_named(setting)}, over the sources of the longest rows.\n"
    rows = [(TITLES[part], longest[part], *unit(asdict(one), latent)) for part, one in setting.units.items()]
    yield from markdown(("task", "asked", *UNIT), rows)
    yield READING


def _published(found: Published) -> Iterator[str]:
    yield f"\n### Retention {found.label}\n{_PUBLISHED}\n"
    rows = [(f"t = {steps}", figure) for steps, figure in found.by_steps.items()]
    rows += [("ids in another order", found.ids_shuffled), ("texts in another order", found.texts_shuffled)]
    yield from markdown(("asked", found.label), [(name, f"{figure:.4e}") for name, figure in rows])


def _named(setting: Setting) -> str:
    bias = f"{setting.gate_bias:g}".replace("-", "−").replace("inf", "∞")
    return f"δ = {bias}, τ = {setting.temperature:g}"


def _said(figure: Figure | float) -> str:
    return f"{figure.mean:.4f} ± {figure.half:.4f}" if isinstance(figure, Figure) else f"{figure:.4f}"


def _limits() -> Iterator[str]:
    yield (
        f"{ONE_SEED} The model knows ids that were drawn at random and no language: nothing that it reads or writes "
        "means anything. Nothing is known of rows longer than it was trained on. It is for study, not for use."
    )
    yield "Nobody's data are in the weights: they are under the MIT licence, as the code is."
