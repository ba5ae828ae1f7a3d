"""A column's controls, and what is said of its checkpoint."""

from app.saying import say

MORE = say("Columns and seed", "Columnas y semilla")
COLUMNS = say("Columns side by side", "Columnas en paralelo")
CHECKPOINT = say("checkpoint", "checkpoint")
LOADING = say("Loading {title!s}, {size:.0f} MB …", "Cargando {title}, {size} MB…")
LOADING_BAR = say("Loading a checkpoint", "Cargando un checkpoint")
NO_GATE = say(
    "This model has no gate: its decoder reads the encoder's states as they are.",
    "Este modelo no tiene puerta: su decodificador lee los estados del codificador tal cual.",
)
UNIT_OFF = say(
    "{base} as it is, its unit off. Where it classifies, the layer that names the classes learned with the unit on.",
    "{base} tal cual, sin su unidad. Donde clasifica, la capa que nombra las clases aprendió con la unidad puesta.",
)
UNLEARNED = say(
    "{!s} has not learned this task: pick another task, or another checkpoint.",
    "{} no ha aprendido esta tarea: elige otra tarea u otro checkpoint.",
)
UNLEARNED_HERE = say("Nothing here: this task was not learned.", "Nada aquí: esta tarea no se ha aprendido.")
UNLOADED_HERE = say("Nothing here: this checkpoint cannot be loaded.", "Nada aquí: este checkpoint no se puede cargar.")
GATE_BIAS = say("Gate bias δ", "Sesgo de la puerta δ")
GATE_BIAS_INFO = say("◀ latent · literal ▶", "◀ latente · literal ▶")
TEMPERATURE = say("Latent temperature τ", "Temperatura latente τ")
TEMPERATURE_INFO = say("0 the mean · 1 as in training", "0 la media · 1 como al entrenar")
SEED = say("Seed", "Semilla")
SEED_INFO = say("of noise and sampling", "del ruido y del muestreo")
PRESETS = {
    say("Default", "Normal"): (0.0, 0.0),
    say("Sampled", "Muestreada"): (0.0, 1.0),
    say("Latent", "Latente"): (-8.0, 0.0),
    say("Literal", "Literal"): (8.0, 0.0),
}
ARMS = {
    "none": say("Baseline", "Modelo base"),
    "base": say("Base alone", "Base sola"),
    "hmu": say("HMU", "HMU"),
    "hmu_published": say("HMU as published", "HMU tal como se publicó"),
}
"""A column's title by the kind of memory it has; an unnamed kind shows its own name."""
