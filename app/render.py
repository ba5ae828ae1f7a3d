"""Values of the handlers → values of the components: plots as plain JSON, columns as plain lists.

Knows nothing of models; every number here was measured elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app import words
from app.handlers.classify import CURVE_POINTS, Verdict
from app.handlers.looking import Look
from app.handlers.writing import Written
from app.saying import LINE
from hmu import Controls
from hmu.plots import (
    BASELINE,
    MEMORY,
    attention_map,
    class_bars,
    class_curves,
    class_differences,
    gate_bars,
    gate_heatmap,
    token_pushes,
    written_gates,
)

Json = dict[str, Any]
NO_GATE: Json = {"empty": words.NO_GATE_PLOT}
UNLEARNED: Json = {"empty": words.UNLEARNED_HERE}
UNLOADED: Json = {"empty": words.UNLOADED_HERE}


def source(look: Look, controls: Controls) -> Json:
    """The source's tokens for the source strip."""
    gates = None if look.gate is None else [round(gate, 4) for gate in look.gate.mean]
    active = [] if look.gate is None or look.gate.active is None else [words.ACTIVE.format(look.gate.active)]
    return {
        "tokens": list(look.tokens),
        "gates": gates,
        "forced": list(controls.forced),
        "second": look.second,
        "label": LINE.join([words.SOURCE_GATED, *active]) if gates else words.SOURCE_PLAIN,
        "words": list(words.FORCE_ALL),
    }


def unread(blank: Json = UNLEARNED) -> Json:
    """The source strip of a column whose checkpoint has not learned the task, or cannot be loaded."""
    return {"tokens": [], "gates": None, "forced": [], "second": None, "label": blank["empty"], "words": []}


def look_plots(look: Look, by_gate: bool) -> tuple[Json, Json]:
    """How the source is read: gates, KL and σ of each token, and the heatmap."""
    if look.gate is None:
        return NO_GATE, NO_GATE
    return gate_bars(look.gate), gate_heatmap(look.gate, by_gate)


def column(title: str, written: Written) -> Json:
    """One column as far as it is written, for the token strip."""
    gated = written.look.gate is not None
    return {
        "title": title,
        "facts": _facts(written),
        "note": words.GATE_LABEL if gated else words.NO_GATE_LABEL,
        "waiting": words.NOTHING if written.done else words.WAITING,
        "hint": words.CONTINUE,
        "ids": [step.token for step in written.steps],
        "tokens": list(_tokens(written)),
        "busy": not written.done,
    }


def empty_column(title: str) -> Json:
    """A column before anything was run."""
    return {"title": title, "facts": "", "note": "", "waiting": words.WAITING, "tokens": [], "ids": [], "busy": False}


def writing_plots(written: Written) -> tuple[Json | None, Json | None]:
    """What written tokens saw; and for a column without a gate, where they looked."""
    if written.writing is None:
        return None, None
    looked = attention_map(written.writing) if written.look.gate is None else None
    return written_gates(written.writing), looked


def verdict_plots(titles: Sequence[str], verdicts: Sequence[Verdict], *blanks: Json) -> tuple[Json, Json]:
    """Every column's classes, and how far the second is from the first; `blanks` are those of columns without any."""
    if not verdicts:
        return blanks[0], blanks[0]
    colours = [BASELINE if verdict.look.gate is None else MEMORY for verdict in verdicts]
    probabilities = dict(zip(titles, (verdict.probabilities for verdict in verdicts), strict=True))
    bars = class_bars(probabilities, colours)
    if len(verdicts) == 1:
        return bars, blanks[0] if blanks else {"empty": words.ONE_COLUMN}
    title = words.MINUS.format(second=titles[1], first=titles[0])
    return bars, class_differences(verdicts[0].probabilities, verdicts[1].probabilities, title)


def gate_plots(verdict: Verdict, now: float) -> tuple[Json, Json]:
    """What the gate does to one column's answer: every class over the gate bias, and each token forced."""
    if verdict.look.gate is None:
        return NO_GATE, NO_GATE
    curves = class_curves(CURVE_POINTS, verdict.curves, now)
    return curves, token_pushes(verdict.look.tokens, verdict.literal, verdict.latent, verdict.answer)


def notes(looks: Mapping[str, Look], also: Sequence[str] = ()) -> str:
    """What was changed in the text before it was read, a sentence a line, by column, once where all say the same.

    Args:
        looks: of the columns, by their letters.
        also: further sentences.
    """
    said = {letter: LINE.join(look.notes) for letter, look in looks.items() if look.notes}
    if len(set(said.values())) == 1 and len(said) == len(looks):
        return LINE.join([next(iter(said.values())), *also])
    return LINE.join([*(f"{letter}:{LINE}{note}" for letter, note in said.items()), *also])


def _tokens(written: Written) -> Any:
    probabilities = () if written.writing is None else written.writing.probability
    for place, (step, probability) in enumerate(zip(written.steps, probabilities, strict=True)):
        if step.piece:
            yield {
                "place": place,
                "token": step.token,
                "piece": step.piece,
                "probability": probability,
                "gate": step.gate,
                "attention": [round(weight, 3) for weight in step.attention],
                "alternatives": [[other.piece, other.probability, other.token] for other in step.alternatives],
            }


def _facts(written: Written) -> str:
    if written.first_token is None or written.mean_logprob is None or written.perplexity is None:
        return "…"
    return words.FACTS.format(
        first=written.first_token * 1000,
        speed=written.tokens_per_second,
        logprob=written.mean_logprob,
        perplexity=written.perplexity,
        tokens=len(written.steps),
    )
