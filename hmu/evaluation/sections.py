"""What every model card says, whatever its checkpoint learned. Measures nothing and reads no data."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hmu.configuration import MemoryTransformerConfig
from hmu.evaluation.facts import CardFacts, latent_width
from hmu.evaluation.tables import markdown
from hmu.evaluation.unit import ACTIVE_ABOVE

_UNIT = """
The unit: a token-level VAE (latent width {latent}), a learned gate for each source token and channel (1 reads the
literal encoder state, 0 its latent reconstruction), and a projection. Two controls act at inference: the gate bias δ,
in logits, and the latent temperature τ (0 = the mean, 1 = as in training)."""

_READING = """
Gates are averaged over channels; their standard deviation is between the real source tokens, or between the channels
of a token. A latent dimension is active if its mean varies by more than {active:g} (variance over tokens). KL in nats
per source token."""
READING = _READING.format(active=ACTIVE_ABOVE)
"""How to read a table of `tables.unit`."""

ONE_SEED = "One seed was trained, so nothing is known of the spread, and a difference between the arms may be chance."

CITE = "E. Sánchez Gámez, “HMU: Hippocampus Memory Unit”, 2025, doi:10.5281/zenodo.15715904."


def sheet(facts: CardFacts[Any], head: str, sections: Iterable[tuple[str, Iterable[str]]]) -> str:
    """The whole card: metadata, then sections by title; the one that has the checkpoint's own is the first."""
    body = (f"{'#' if title == facts.id else '##'} {title}\n\n{_join(lines)}" for title, lines in sections)
    return head + "\n" + "\n\n".join(body) + "\n"


def about(facts: CardFacts[Any], learned: str) -> Iterator[str]:
    """What the checkpoint is, what it was trained on, and which pair it is of."""
    training = facts.training
    others = [f"`{training.pair}-{arm}`" for arm in training.recipe.arms if arm != training.arm]
    kind = (
        "with a Hippocampus Memory Unit (HMU) between encoder and decoder"
        if facts.config.memory == "hmu"
        else f"without a memory unit: {'the baseline of its pair' if others else 'a base to put units on'}"
    )
    start = f"on the trunk of `{Path(training.trunk).name}`" if training.trunk else "from scratch"
    yield f"A small encoder–decoder Transformer {kind}, trained {start} on: {learned}."
    if others:
        yield (
            f"It belongs to the pair `{training.pair}`, with {', '.join(others)}: same recipe, seed, data order and "
            "number of steps, equal initial values in every tensor that they share."
        )


def model(facts: CardFacts[Any], embedded: str, reads: str) -> Iterator[str]:
    """Its sizes and its unit.

    Args:
        facts: of the checkpoint.
        embedded: what the vocabulary is of.
        reads: sentences on its sources and targets.
    """
    c = facts.config
    yield (
        f"**{facts.parameters:,} parameters**, {facts.memory_parameters:,} of them in the memory "
        f'(`memory = "{c.memory}"`).\n'
        f"Post-norm encoder–decoder: width {c.d_model}, {c.num_heads} heads, {c.encoder_layers} + {c.decoder_layers} "
        f"layers, feed-forward {c.d_ff:,} with ReLU, sinusoidal positions, dropout {c.dropout:g},\n"
        f"{'tied' if c.tie_word_embeddings else 'untied'} embeddings of {c.vocab_size:,} {embedded}, "
        f"{'an' if c.output_bias else 'no'} output bias.\n"
        f"{reads}"
    )
    if c.memory == "hmu":
        yield ""
        yield _UNIT.format(latent=latent_width(c))


def training(facts: CardFacts[Any], data: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """How it came about.

    Args:
        facts: of the checkpoint.
        data: the command's flags for its data, with a space before them; may be empty.
        rows: of the table of settings: what was learned, and how long.
    """
    told, recipe = facts.training, facts.training.recipe
    o = recipe.optimizer
    yield "```sh"
    precision = f" --precision {told.precision}" if told.precision else ""
    trunk = f" --trunk {told.trunk}" if told.trunk else ""
    yield f"python -m hmu train --recipe {told.recipe_file} --arm {told.arm}{precision}{trunk}{data} --out OUT"
    yield "```"
    yield ""
    first = (("recipe", recipe.name), ("seed", str(recipe.seed)))
    yield from markdown(("setting", "value"), [*first, *rows, *_loss_rows(facts)])
    yield ""
    yield (
        f"AdamW (β₂ {o.beta2:g}, weight decay {o.weight_decay:g}), learning rate {o.learning_rate:g} after "
        f"{o.warmup_steps:,} warm-up steps, then a cosine to 0 at step {facts.steps:,};\n"
        f"gradients cut at norm {o.clip:g}; {o.precision}."
    )
    yield f"Trained on {told.hardware} in {told.minutes:g} minutes; stored in fp16."
    yield "Versions when this card was made: " + ", ".join(f"{n} {v}" for n, v in facts.versions.items()) + "."
    yield from told.notes
    yield f"\nThe recipe, `{told.recipe_file}`, in full:\n\n```toml\n{told.recipe_text.strip()}\n```"


def _loss_rows(facts: CardFacts[Any]) -> Iterator[tuple[str, str]]:
    recipe, config = facts.training.recipe, facts.config
    if config.memory != "hmu":
        yield "loss", "cross-entropy"
        return
    kl = f"{config.kl_weight:g} · KL, free bits {config.free_bits:g} nats per latent dimension"
    kl += f", its weight rising from 0 over {recipe.kl_warmup:,} steps" if recipe.kl_warmup else ""
    yield (
        "loss",
        (f"cross-entropy + {kl}" if config.kl_weight else "cross-entropy, no KL, as published") + _gate_cost(config),
    )
    warmth = (
        f" after {recipe.latent_warmup:,} steps over which it rises from 0, a departure from the paper"
        if recipe.latent_warmup
        else ""
    )
    yield "latent in training", f"sampled, τ = 1{warmth}"
    if recipe.gate_bias_share:
        yield (
            "gate bias in training",
            f"{recipe.gate_bias_share:.0%} of the steps draw δ uniformly in ±{recipe.gate_bias_range:g}, "
            "a departure from the paper",
        )
    if recipe.latent_only_share:
        yield (
            "latents alone in training",
            f"{recipe.latent_only_share:.0%} of the steps shut every gate, a departure from the paper",
        )


def _gate_cost(config: MemoryTransformerConfig) -> str:
    if not config.gate_weight:
        return ""
    return f", + {config.gate_weight:g} · (mean gate − {config.gate_target:g})², a departure from the paper"


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()
