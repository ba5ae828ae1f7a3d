"""What frames the page: title, tour, the tabs' names, the last line."""

from app.saying import say

TITLE = say(
    "HMU: a memory with a gate, beside the same model without one",
    "HMU: una memoria con puerta, junto al mismo modelo sin ella",
)
HEADER = say(
    """# Hippocampus Memory Unit
Models that differ in their memory alone read the same text. The **baseline** hands its encoder's states straight to the
decoder. The **HMU** first passes each token through a gate: amber is read *literally*, violet is read from a compressed
*latent*. Press Run, then drag the gate and watch what it reads.""",
    """# Hippocampus Memory Unit
Modelos que solo difieren en su memoria leen el mismo texto. El **modelo base** entrega los estados de su
codificador directamente al decodificador. La **HMU** pasa antes cada token por una puerta: lo ámbar se lee
*literalmente*; lo violeta, de un *latente* comprimido. Pulsa Ejecutar, mueve la puerta y mira qué lee.""",
)
WALK = say("Show me around", "Enséñame la página")
WALK_STEPS = (
    (
        ("#prompt", "#run"),
        say("Write something", "Escribe algo"),
        say(
            "Type a few words, or keep these, and press Run: every column answers at once.",
            "Escribe unas palabras, o deja estas, y pulsa Ejecutar: todas las columnas responden a la vez.",
        ),
    ),
    (
        ("[id^=gate-bias-]",),
        say("Turn the gate", "Mueve la puerta"),
        say(
            "Left, the memory reads the compressed latent; right, the words as they are. The plots follow as you drag.",
            "A la izquierda, la memoria lee el latente comprimido; a la derecha, las palabras tal cual. Los gráficos te"
            " siguen mientras arrastras.",
        ),
    ),
    (
        (".source:has(.piece:enabled)",),
        say("Or turn it word by word", "O palabra por palabra"),
        say(
            "Click a source token to force it literal, again for latent, once more to let the model decide.",
            "Pulsa un token de la fuente para forzarlo a literal, otra vez para latente y otra más para que decida el"
            " modelo.",
        ),
    ),
    (
        (".tab-container[role=tablist]",),
        say("There is more to see", "Hay más que ver"),
        say(
            "Plots below show what each token was read from. These tabs classify, score your own file, imagine, and"
            " list the checkpoints.",
            "Los gráficos de abajo muestran de dónde se leyó cada token. Estas pestañas clasifican, evalúan tu propio"
            " archivo, imaginan y enumeran los checkpoints.",
        ),
    ),
)
"""What the walk points at (selectors), and what it says there."""
OF = say("{:d} of {:d}", "{} de {}")
COUNT = say("{:,}", "{}")
WALK_WORDS = {
    "next": say("Next", "Siguiente"),
    "back": say("Back", "Atrás"),
    "skip": say("Skip", "Saltar"),
    "done": say("Done", "Listo"),
    "of": OF,
}
GENERATE = say("Generate", "Generar")
CLASSIFY = say("Classify", "Clasificar")
FOOTER = say(
    "Paper: [doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904) · weights for research, not"
    " commerce",
    "Artículo: [doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904) · pesos para investigación, no"
    " para uso comercial",
)
IMAGINE = say("Imagine", "Imaginar")
MEMORY = say("Memory", "Memoria")
RESULTS = say("Results", "Resultados")
ZOO = say("Zoo", "Zoo")
DATASET = say("Your data", "Tus datos")
