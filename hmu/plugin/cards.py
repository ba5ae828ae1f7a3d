"""The model card of a unit: what it is, what it belongs to, how it is put on. Knows nothing of weights."""

from hmu.plugin.settings import UnitSettings

_FORMS = {
    "identity": "v + α (v* − v) with one learned α that starts at 0 (a departure from the paper), v* being",
    "published": "as published:",
}


def card(settings: UnitSettings, parameters: int, base_parameters: int) -> str:
    """The card, in Markdown with the Hub's front matter.

    Args:
        settings: the unit's.
        parameters: its own, heads included.
        base_parameters: the base's.
    """
    base = settings.base
    where = base.public_name or "a base made in memory"
    version = f"commit `{base.commit}`" if base.commit else f"weights ({base.hashed}) with sha256 `{base.sha256}`"
    heads = "".join(f"- {task}: {', '.join(names)}\n" for task, names in settings.task_labels.items())
    front = ["library_name: hmu", "tags: [hmu, memory, adapter]"]
    front += [f'base_model: "{base.name}"'] if base.name and base.commit else []
    head, loss = "\n".join(front), settings.kl_weight
    trained = f"Trained on `{settings.task}`, the base frozen." if settings.task else "Its base was frozen by default."
    classes = f"\nClasses of its heads:\n\n{heads}" if heads else ""
    return f"""---
{head}
---

# A memory unit for {where}{f": {settings.task}" if settings.task else ""}

A Hippocampus Memory Unit for `{where}` (`{base.architecture}`, {version}). It stands behind that model's encoder; the
model itself is neither changed nor stored here. {trained}

```python
from hmu.plugin import HMUModel

model = HMUModel.from_pretrained("FOLDER_OR_REPOSITORY")  # of this unit; loads the base, too, unless given as base=
```

The unit ({settings.start} start): {_FORMS[settings.start]}
LayerNorm(GELU(W (g ⊙ v̂ + (1 − g) ⊙ v̂_lat))) of the encoder's states v, with a token-level latent of width
{settings.latent_dim or settings.width // 2} and a learned gate g.
Loss: the task's{f" + {loss:g} · KL, free bits {settings.free_bits:g} nats per latent dimension" if loss else ""}.

**{parameters:,} parameters**, {parameters / base_parameters:.2%} of the base's {base_parameters:,}.
{classes}
Cite: E. Sánchez Gámez, "HMU: Hippocampus Memory Unit", 2025, doi:10.5281/zenodo.15715904.
"""
