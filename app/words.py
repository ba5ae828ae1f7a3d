"""Every sentence that the page shows, in one place, English and Spanish side by side.

A table and nothing else: how a sentence finds its visitor's language is in `saying.py`.
"""

from app.saying import say

TITLE = say(
    "HMU: a memory with a gate, beside the same model without one",
    "HMU: una memoria con puerta, junto al mismo modelo sin ella",
)
HEADER = say(
    """# Hippocampus Memory Unit
Two small Transformers, trained alike, read the same text. The **baseline** hands its encoder's states straight to the
decoder. The **HMU** first passes each token through a gate: amber is read *literally*, violet is read from a compressed
*latent*. Press Run, then drag the gate and watch what it reads.""",
    """# Hippocampus Memory Unit
Dos Transformers pequeños, entrenados igual, leen el mismo texto. El **modelo base** entrega los estados de su
codificador directamente al decodificador. La **HMU** pasa antes cada token por una puerta: lo ámbar se lee
*literalmente*; lo violeta, de un *latente* comprimido. Pulsa Ejecutar, mueve la puerta y mira qué lee.""",
)
WALK = say("Show me around", "Enséñame la página")
WALK_STEPS = (
    (
        ("#prompt", "#run"),
        say("Write something", "Escribe algo"),
        say(
            "Type a few words, or keep these, and press Run: two models answer at once.",
            "Escribe unas palabras, o deja estas, y pulsa Ejecutar: dos modelos responden a la vez.",
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
NO_GATE_PLOT = say("No gate to draw.", "No hay puerta que dibujar.")
UNLEARNED = say(
    "{!s} has not learned this task: pick another task, or another checkpoint.",
    "{} no ha aprendido esta tarea: elige otra tarea u otro checkpoint.",
)
UNLEARNED_HERE = say("Nothing here: this task was not learned.", "Nada aquí: esta tarea no se ha aprendido.")
NO_GATE_HERE = say("no gate", "sin puerta")
GATE_IS = say("gate {:.3f}", "puerta {}")
PROBABILITY_IS = say("probability {:.3f}", "probabilidad {}")
AS_LEARNED = say("as learned", "como aprendió")
FORCED_LITERAL = say("forced literal", "forzado a literal")
FORCED_LATENT = say("forced latent", "forzado a latente")
SOURCE_GATED = say(
    "Click or stroke tokens: literal → latent → as learned.",
    "Pulsa tokens o arrastra sobre ellos: literal → latente → como aprendió.",
)
SOURCE_PLAIN = say("What the encoder reads.", "Lo que lee el codificador.")
ACTIVE = say("{:d} active units.", "{} unidades activas.")
FORCE_ALL = (say("all literal", "todo literal"), say("all latent", "todo latente"), AS_LEARNED)
FOLLOW = say("Follow: write again whenever a gate changes", "Seguir: volver a escribir cada vez que cambie una puerta")
BY_GATE = say("Sort the channels by their gate", "Ordenar los canales por su puerta")
CONTINUE = say("Click one to go on from it.", "Pulsa una para seguir desde ella.")
STOP_ALL = say("Stop all", "Parar todo")
STOP_ONE = say("Stop {}", "Parar {}")
SOURCE_OF = say("Source tokens as column {} reads them", "Tokens de la fuente como los lee la columna {}")
TEXT_OF = say("Text of column {}", "Texto de la columna {}")
BARS_OF = say("Gate, KL and σ of each source token, column {}", "Puerta, KL y σ de cada token de la fuente, columna {}")
MAP_OF = say("Gates per channel, or attention, column {}", "Puertas por canal, o atención, columna {}")
WRITTEN_OF = say("What each written token saw, column {}", "Lo que vio cada token escrito, columna {}")
CLASS_BARS = say("Probability of each class, every column", "Probabilidad de cada clase, todas las columnas")
CLASS_DIFFERENCE = say("Difference of the first two columns", "Diferencia entre las dos primeras columnas")
CURVES_OF = say("Each class over the gate bias, column {}", "Cada clase según el sesgo de la puerta, columna {}")
PUSHES_OF = say("What each token's gate does, column {}", "Lo que hace la puerta de cada token, columna {}")
SHARE = say("Take it with you: link, files, history", "Llévatelo: enlace, archivos, historial")
SHARE_HINT = say(
    "The link carries checkpoints with their hashes, text, controls, decoding and seed, and replays to the same"
    " result.",
    "El enlace lleva los checkpoints con sus hashes, el texto, los controles, la decodificación y la semilla, y"
    " reproduce el mismo resultado.",
)
LINK = say("Link to this page as it stands", "Enlace a la página tal como está")
EXPORT = say("Files of the last run", "Archivos de la última ejecución")
ADDRESS = say("Link", "Enlace")
FILES = say(
    "JSON to analyse, CSV of the tokens, a report that opens without network",
    "JSON para analizar, CSV de los tokens y un informe que se abre sin red (en inglés)",
)
HISTORY = say("Runs of this browser (kept here alone)", "Ejecuciones de este navegador (solo se guardan aquí)")
FORGET = say("forget", "olvidar")
ONE_COLUMN = say("Show two columns to see their difference.", "Muestra dos columnas para ver su diferencia.")
FACTS = say(
    "{tokens:d} tokens · first {first:.0f} ms · {speed:.0f}/s"
    " · mean log-prob. {logprob:.2f} · perplexity {perplexity:.2f}",
    "{tokens} tokens · primero en {first} ms · {speed}/s · log-prob. media {logprob} · perplejidad {perplexity}",
)
GREEDY = say("0 is greedy", "0 es voraz")
DECODING_LABELS = {
    "temperature": (
        say("Decoding temperature", "Temperatura de decodificación"),
        GREEDY,
    ),
    "top_k": (say("Top-k", "Top-k"), say("0 is all", "0 son todos")),
    "top_p": (say("Top-p", "Top-p"), None),
    "repetition_penalty": (say("Repetition penalty", "Penalización por repetición"), None),
    "max_new_tokens": (say("At most n tokens", "Como mucho n tokens"), None),
}
GATE_BIAS = say("Gate bias δ", "Sesgo de la puerta δ")
GATE_BIAS_INFO = say("◀ latent · literal ▶", "◀ latente · literal ▶")
TEMPERATURE = say("Latent temperature τ", "Temperatura latente τ")
TEMPERATURE_INFO = say("0 the mean · 1 as published", "0 la media · 1 lo publicado")
SEED = say("Seed", "Semilla")
SEED_INFO = say("of noise and sampling", "del ruido y del muestreo")
PRESETS = {
    say("As trained", "Entrenada"): (0.0, 0.0),
    say("As published", "Publicada"): (0.0, 1.0),
    say("Latent", "Latente"): (-8.0, 0.0),
    say("Literal", "Literal"): (8.0, 0.0),
}
GENERATE = say("Generate", "Generar")
CLASSIFY = say("Classify", "Clasificar")
TASK = say("Task", "Tarea")
PROMPT = say("Text", "Texto")
EXAMPLES = say("Try one", "Prueba uno")
RUN = say("Run", "Ejecutar")
STOP = say("Stop", "Parar")
DECODING = say("Decoding", "Decodificación")
WAITING = say(
    "Press Run: words appear here, coloured by what they read. Point at one for its probability and alternatives.",
    "Pulsa Ejecutar: aquí aparecen palabras, coloreadas según lo que leen. Señala una para ver su probabilidad y sus"
    " alternativas.",
)
NOTHING = say("Nothing: the model ended its text at once.", "Nada: el modelo acabó su texto al instante.")
PLOT_WAITING = say("Drawn while the models write", "Se dibuja mientras los modelos escriben")
NO_GATE_LABEL = say("no gate: colour is probability", "sin puerta: el color es la probabilidad")
GATE_LABEL = say("colour is the gate it saw", "el color es la puerta que vio")
CLASSIFY_HINT = say(
    """Every column classifies the text as you type. Below: where the gate would change the answer, and
which tokens' gates matter.""",
    """Cada columna clasifica el texto mientras escribes. Debajo: dónde cambiaría la puerta la respuesta y
qué tokens tienen puertas que importan.""",
)
FOOTER = say(
    "Paper: [doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904) · weights for research, not"
    " commerce",
    "Artículo: [doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904) · pesos para investigación, no"
    " para uso comercial",
)
PLACEHOLDERS = {
    "common_gen": say(
        "Three to five words, for example: dog, ball, throw",
        "De tres a cinco palabras en inglés, por ejemplo: dog, ball, throw",
    ),
    "ag_news": say(
        "A headline or the first lines of a news item", "Un titular o las primeras líneas de una noticia, en inglés"
    ),
    "sst2": say("A sentence about a film", "Una frase en inglés sobre una película"),
    "cola": say("A sentence, well formed or not", "Una frase en inglés, bien formada o no"),
    "roc_stories": say("The first four sentences of a story", "Las cuatro primeras frases de una historia, en inglés"),
}
_INFERENCE = (
    say("First text: the premise", "Primer texto: la premisa"),
    say("Second text: the hypothesis", "Segundo texto: la hipótesis"),
)
TEXT_LABELS = {
    "mrpc": (say("First text", "Primer texto"), say("Second text", "Segundo texto")),
    "rte": _INFERENCE,
    "qnli": (
        say("First text: the question", "Primer texto: la pregunta"),
        say("Second text: the sentence", "Segundo texto: la frase"),
    ),
    "mnli": _INFERENCE,
}
"""Task that reads two texts → what the box of each is called."""
_INFERRED = (
    say("A sentence that is taken as true", "Una frase en inglés que se da por cierta"),
    say("A sentence that may follow from it, or not", "Una frase en inglés que se sigue de ella, o no"),
)
PLACEHOLDERS_OF_TWO = {
    "mrpc": (
        say("A sentence", "Una frase en inglés"),
        say("A sentence that may mean the same", "Una frase en inglés que quizá signifique lo mismo"),
    ),
    "rte": _INFERRED,
    "qnli": (
        say("A question", "Una pregunta en inglés"),
        say("A sentence that may hold the answer", "Una frase en inglés que quizá contenga la respuesta"),
    ),
    "mnli": _INFERRED,
}
EXAMPLE_TEXTS = {
    "common_gen": (
        "dog, ball, throw",
        "wave, surfer, ride, ocean",
        "chef, cut, onion, knife",
        "horse, rider, jump, fence",
        "snow, mountain, ski, slope",
    ),
    "ag_news": (
        "Court fines oil giant over a spill off the coast of Nigeria",
        "Ministers meet in Geneva for a new round of peace talks after the cease-fire collapsed",
        "Tennis star invests in an online music start-up",
        "Striker scores twice as the champions come back to win the cup final in extra time",
    ),
    "sst2": (
        "a warm, funny and quietly moving story",
        "not without its charms, but far too long",
        "too clever by half and never funny",
        "the jokes are old but the cast is irresistible",
    ),
    "cola": (
        "She handed the letter to him.",
        "She handed to him.",
        "The book that I bought it is heavy.",
        "Who did you say left early?",
    ),
    "roc_stories": (
        "Mara wanted to bake a cake for her brother. She had no eggs left. Her neighbour lent her two. She mixed the"
        " dough and put it in the oven.",
        "Tom was late for his train. He ran all the way to the station. The doors were just closing. He jumped.",
        "The old clock in the hall had stopped. Nobody knew how to mend it. One day my uncle opened its case. A mouse"
        " was asleep inside.",
    ),
}
"""In English alone: the models read nothing else."""
LOOK_AT = {
    "dog, ball, throw": say(
        "Look at the bars: words are read literally, the end mark from the latent. Then press Latent under column B.",
        "Mira las barras: las palabras se leen literalmente, la marca final del latente. Luego pulsa Latente en la"
        " columna B.",
    ),
    "wave, surfer, ride, ocean": say(
        "Press Latent under column B and Run: without the literal path the surfer is lost. Literal brings him back.",
        "Pulsa Latente en la columna B y Ejecutar: sin el camino literal se pierde el surfista. Literal lo devuelve.",
    ),
    "chef, cut, onion, knife": say(
        "Press Latent under column B and Run: the knife becomes something else to cut. Look at the split words, too.",
        "Pulsa Latente en la columna B y Ejecutar: el cuchillo pasa a ser otra cosa que cortar. Mira también las"
        " palabras partidas.",
    ),
    "horse, rider, jump, fence": say(
        "Both columns agree. Press Latent under column B and Run: who jumps what is mixed up.",
        "Ambas columnas coinciden. Pulsa Latente en la columna B y Ejecutar: se confunde quién salta qué.",
    ),
    "snow, mountain, ski, slope": say(
        "“ski” has the highest bar. Click it until it is latent, then press Run: does anyone still ski?",
        "«ski» tiene la barra más alta. Púlsalo hasta que sea latente y luego Ejecutar: ¿esquía alguien todavía?",
    ),
    "Court fines oil giant over a spill off the coast of Nigeria": say(
        "The baseline is sure, the HMU is not. Look at the tokens whose gates would move it.",
        "El modelo base está seguro; la HMU, no. Mira los tokens cuyas puertas la moverían.",
    ),
    "Ministers meet in Geneva for a new round of peace talks after the cease-fire collapsed": say(
        "The baseline is right, the HMU is wrong: which tokens pull it there?",
        "El modelo base acierta y la HMU se equivoca: ¿qué tokens tiran de ella?",
    ),
    "Tennis star invests in an online music start-up": say(
        "Three topics in one headline, and two answers. Look at the difference of the columns.",
        "Tres temas en un titular y dos respuestas. Mira la diferencia de las columnas.",
    ),
    "Striker scores twice as the champions come back to win the cup final in extra time": say(
        "Both say Sports. Names and deeds have higher gates than “the” and “to”: force some and see what moves.",
        "Ambos dicen Deportes. Nombres y hechos tienen puertas más altas que «the» y «to»: mira qué mueve cada una.",
    ),
    "a warm, funny and quietly moving story": say(
        "Both are sure. Drag the gate bias: hardly anything moves, since the words alone decide.",
        "Ambos están seguros. Mueve el sesgo de la puerta: casi nada cambia, pues deciden las palabras.",
    ),
    "not without its charms, but far too long": say(
        "The HMU stands on the edge: Latent makes it positive, Literal negative.",
        "La HMU está en el filo: Latente la hace positiva; Literal, negativa.",
    ),
    "too clever by half and never funny": say(
        "The baseline falls for “clever” and “funny”; the HMU does not, by a little.",
        "El modelo base se deja engañar por «clever» y «funny»; la HMU, por poco, no.",
    ),
    "the jokes are old but the cast is irresistible": say(
        "Neither hears the praise at the end; Literal takes the HMU half of the way.",
        "Ninguno oye el elogio final; Literal lleva a la HMU hasta la mitad.",
    ),
    "She handed the letter to him.": say(
        "Nothing is missing here. Take out “the letter” and see what moves.",
        "Aquí no falta nada. Quita «the letter» y mira qué se mueve.",
    ),
    "She handed to him.": say(
        "What was handed is missing. Look at whether the gate of “to” matters.",
        "Falta lo que se entregó. Mira si importa la puerta de «to».",
    ),
    "The book that I bought it is heavy.": say(
        "“it” is one word too many. Force it latent and see whether anyone minds.",
        "Sobra «it». Fuérzalo a latente y mira si a alguien le importa.",
    ),
    "Who did you say left early?": say(
        "Long questions are where small models guess. Drag the gate bias: does the answer hold?",
        "En las preguntas largas los modelos pequeños adivinan. Mueve el sesgo de la puerta: ¿aguanta la respuesta?",
    ),
    "Mara wanted to bake a cake for her brother. She had no eggs left. Her neighbour lent her two. She mixed the"
    " dough and put it in the oven.": say(
        "Does the end speak of Mara and her cake? Press Latent under column B and Run: what is left of her?",
        "¿Habla el final de Mara y su tarta? Pulsa Latente en la columna B y Ejecutar: ¿qué queda de ella?",
    ),
    "Tom was late for his train. He ran all the way to the station. The doors were just closing. He jumped.": say(
        "Caught or missed? Force “jumped” literal, then latent, and write the end again.",
        "¿Lo coge o lo pierde? Fuerza «jumped» a literal, luego a latente, y vuelve a escribir el final.",
    ),
    "The old clock in the hall had stopped. Nobody knew how to mend it. One day my uncle opened its case. A mouse"
    " was asleep inside.": say(
        "A clock, an uncle, a mouse. Look at which of them has the highest gates, and which the end remembers.",
        "Un reloj, un tío, un ratón. Mira cuál tiene las puertas más altas y a cuál recuerda el final.",
    ),
}
"""Example → what is worth seeing. Those of tasks that the embedded pair knows are so, on a CPU (test_examples.py)."""
EXAMPLES_OF_TWO = {
    "mrpc": {
        ("Ben fed the cat.", "The cat was fed by Ben."): say(
            "The same, said in another order. Look at which tokens' gates would move the answer.",
            "Lo mismo, dicho en otro orden. Mira las puertas de qué tokens moverían la respuesta.",
        ),
        ("The dog chased the fox.", "The fox chased the dog."): say(
            "The same words, but two have changed places. Drag the gate bias: does either side of it notice?",
            "Las mismas palabras, pero dos han cambiado de sitio. Mueve el sesgo de la puerta: ¿lo nota algún lado?",
        ),
        ("They sold 300 loaves today.", "They sold 200 loaves today."): say(
            "One number is another. Force its tokens in either text and see what moves.",
            "Un número es otro. Fuerza sus tokens en cada texto y mira qué se mueve.",
        ),
    },
    "rte": {
        ("Anna moved from Rome to Oslo.", "Anna has left Rome."): say(
            "“left” follows from “moved”. Look at the gates of both words.",
            "«left» se sigue de «moved». Mira las puertas de ambas palabras.",
        ),
        ("The museum is shut on Mondays.", "It is open every day."): say(
            "One day is enough against “every day”. Press Literal, then Latent, under column B: what tips the answer?",
            "Un solo día basta contra «every day». Pulsa Literal y luego Latente en la columna B: ¿qué la inclina?",
        ),
        ("Rain delayed the final.", "The final was cancelled."): say(
            "Delayed is not cancelled. Look at which tokens of the first text matter most.",
            "Retrasada no es cancelada. Mira qué tokens del primer texto importan más.",
        ),
    },
    "qnli": {
        ("Who painted the ceiling?", "A local artist painted it."): say(
            "“Who” is answered. Make it “Why” and see what moves.",
            "«Who» tiene respuesta. Cámbialo por «Why» y mira qué se mueve.",
        ),
        ("How deep is the lake?", "The lake freezes every winter."): say(
            "The lake is in both texts, its depth in one alone. Look at the gates of the words that they share.",
            "El lago está en los dos textos; su profundidad, solo en uno. Mira las puertas de las palabras comunes.",
        ),
        ("When does the ferry leave?", "No boat sails after seven."): say(
            "Answered in other words, and only by half. Look at whether “seven” matters, and at its gate.",
            "Respondida con otras palabras y solo a medias. Mira si importa «seven», y su puerta.",
        ),
    },
    "mnli": {
        ("The shop is open until nine.", "The shop closes at six."): say(
            "Two hours contradict one another. Look at what their gates do.",
            "Dos horas se contradicen. Mira qué hacen sus puertas.",
        ),
        ("A man reads on the train.", "The man is going to work."): say(
            "It may be so, or not: neutral. Look at which class comes second, and where the gate would make it first.",
            "Puede que sí o que no: neutral. Mira qué clase queda segunda y dónde la puerta la haría primera.",
        ),
        ("Every seat was taken.", "No seat was free."): say(
            "“No” looks like a contradiction, and is none. Look at what its gate does.",
            "«No» parece una contradicción y no lo es. Mira qué hace su puerta.",
        ),
    },
}
"""Task that reads two texts → its examples, each with what is worth seeing: nothing here is a claim about a model."""
ARMS = {
    "none": say("Baseline", "Modelo base"),
    "base": say("Encoder alone", "Codificador solo"),
    "hmu": say("HMU", "HMU"),
    "hmu_published": say("HMU as published", "HMU tal como se publicó"),
}
"""A column's title by the kind of memory it has; an unnamed kind shows its own name."""
IMAGINE = say("Imagine", "Imaginar")
IMAGINE_HINT = say(
    """Both sides write the same prompt several times: on the left only the latent's noise changes, on the
right each word is drawn. **Look at how many texts differ, and whether they still say what was asked**; equal texts wear
the same letter. This tab has checkpoints and controls of its own; of the board above, the seed alone counts.""",
    """Los dos lados escriben varias veces a partir del mismo texto: a la izquierda solo cambia el ruido del latente, a
la derecha se sortea cada palabra. **Mira cuántos textos difieren y si aún dicen lo que se pidió**; los textos iguales
llevan la misma letra. Esta pestaña tiene sus propios checkpoints y controles; de lo de arriba solo vale la semilla.""",
)
BETWEEN_HINT = say(
    """## From one text to another
The two prompts' latents are mixed in even steps; each mixture is written by the latent path alone, without the literal
one. The number on a cell is the second prompt's share. **Look at where the text changes, and whether the ends say what
was asked.**""",
    """## De un texto a otro
Los latentes de los dos textos se mezclan en pasos iguales; cada mezcla se escribe solo por el camino latente, sin el
camino literal. El número de cada celda es la parte del segundo texto. **Mira dónde cambia el texto y si los extremos
dicen lo que se pidió.**""",
)
FIGURES_HINT = say(
    """*distinct-1*, *distinct-2*: share of all words, and of all pairs of neighbours, that differ
(1: none occurs twice). *self-BLEU*: how like the others a text is (100: each has a twin). Compare equally many.""",
    """*distinct-1*, *distinct-2*: qué parte de las palabras, y de los pares de palabras vecinas, son distintas
(1: ninguna se repite). *self-BLEU*: cuánto se parece un texto a los demás (100: cada uno tiene un gemelo). Compara
cantidades iguales.""",
)
IMAGINE_LATENT = say("By the latent's noise", "Por el ruido del latente")
IMAGINE_SOFTMAX = say("By drawing words (softmax)", "Sorteando palabras (softmax)")
IMAGINE_LATENT_GRID = say("Texts by the latent's noise", "Textos por el ruido del latente")
IMAGINE_SOFTMAX_GRID = say("Texts by drawing words", "Textos sorteando palabras")
BETWEEN_GRID = say("Texts between the two prompts", "Textos entre los dos de partida")
IMAGINE_COUNT = say("Texts each", "Textos por lado")
IMAGINE_STEPS = say("Steps", "Pasos")
SOFTMAX_TEMPERATURE = say("Softmax temperature", "Temperatura del softmax")
SOFTMAX_TEMPERATURE_INFO = GREEDY
SOFTMAX_MATCHED = say(
    "{softmax:.2f} covers as many of the concepts as the latent at τ = {latent:g}",
    "{softmax} cubre tantos conceptos como el latente con τ = {latent}",
)
BETWEEN_FIRST = say("From", "Desde")
BETWEEN_SECOND = say("To", "Hasta")
GRID_WAITING = say("Press Run: the texts appear here.", "Pulsa Ejecutar: los textos aparecen aquí.")
TEXT_MARK = say("text {}", "texto {}")
DIFFERENT_TOLD = (
    say("different texts", "textos distintos"),
    say("texts that are not alike to the letter", "textos que no coinciden letra por letra"),
)
VARIETY_TOLD = (
    (
        say("distinct-1", "distinct-1"),
        say("share of the words that are different ones", "parte de las palabras que son distintas"),
    ),
    (
        say("distinct-2", "distinct-2"),
        say(
            "share of the pairs of neighbouring words that are different ones",
            "parte de los pares de palabras vecinas que son distintos",
        ),
    ),
    (
        say("self-BLEU", "self-BLEU"),
        say(
            "how like the others a text is: 100 where each has a twin",
            "cuánto se parece un texto a los demás: 100 si cada uno tiene un gemelo",
        ),
    ),
)
MEMORY = say("Memory", "Memoria")
MEMORY_HINT = say(
    """What does a memory still know, many tokens later? These checkpoints were trained on nothing but random tokens.
**Choose a question, then turn the gate to latent and see what is left.**""",
    """¿Qué sabe aún una memoria muchos tokens después? Estos checkpoints solo se entrenaron con tokens al azar.
**Elige una pregunta, lleva la puerta a latente y mira qué queda.**""",
)
MEMORY_PART = say("Question", "Pregunta")
MEMORY_PARTS = {
    "retention": say("a token, t tokens later", "un token, t tokens después"),
    "recall": say("the values of some keys", "los valores de unas claves"),
}
MEMORY_STEPS = say("t: tokens read in between", "t: tokens leídos entremedias")
MEMORY_PAIRS = say("Pairs of a key and its value", "Pares de una clave y su valor")
MEMORY_DRAW = say("Other tokens", "Otros tokens")
MEMORY_BESIDE = say("Compared", "Comparado")
MEMORY_ASKED = say("Turned", "Con controles")
ASKED_TOKEN = say(
    "{questions:d} texts: one random token, {amount:d} others, and the question which the first was.",
    "{questions} textos: un token al azar, otros {amount}, y la pregunta de cuál fue el primero.",
)
ASKED_PAIRS = say(
    "A text of {tokens:d} tokens: {amount:d} keys with their values, then each key as a question.",
    "Un texto de {tokens} tokens: {amount} claves con sus valores y luego cada clave como pregunta.",
)
RECALLED = say(
    "{!s}: {right:d} of {questions:d} recalled, P(right) {mean:.3f} on average.",
    "{}: recuerda {right} de {questions}, P(correcto) {mean} de media.",
)
RETENTION_SHEET = say("What each holds likeliest, text by text", "Lo más probable para cada uno, texto a texto")
RECALL_SHEET = say("What each holds likeliest, key by key", "Lo más probable para cada uno, clave a clave")
WAS_READ = say("token read", "token leído")
KEY = say("key", "clave")
VALUE = say("value", "valor")
RIGHT = say("✓ {} {probability:.3f}", "✓ {} {probability}")
WRONG = say("✗ {} {probability:.3f}, right one {right:.3f}", "✗ {} {probability}, el correcto {right}")
MEMORY_REPORT = say(
    "Means over several trainings, from the study's report. Its `hmu` is the unit as published: unlike the one above,"
    " it has no KL in its loss, and its gates are never shut in training.",
    "Medias de varios entrenamientos, del informe del estudio. Su `hmu` es la unidad tal como se publicó: a diferencia"
    " de la de arriba, su pérdida no tiene KL y sus puertas nunca se cierran al entrenar.",
)
MEMORY_CURVES = say("P(right token) over steps or pairs", "P(token correcto) según pasos o pares")
RESULTS = say("Results", "Resultados")
RESULTS_HINT = say(
    """Which published claims hold? Each was measured again under a corrected protocol, both models trained alike,
several seeds. **A claim holds only with five seeds and its whole interval on the claimed side.**""",
    """¿Qué afirmaciones publicadas se sostienen? Cada una se midió de nuevo con un protocolo corregido, con los dos
modelos entrenados igual y varias semillas. **Solo se sostiene con cinco semillas y todo su intervalo del lado
afirmado.**""",
)
RESULTS_ABOUT = say(
    "{runs:,} runs, {first} to {last}, code {commits}, on {hardware}.",
    "{runs} ejecuciones, del {first} al {last}, código {commits}, en {hardware}.",
)
RESULTS_DIFFERENCES = say("HMU minus baseline on every task", "HMU menos modelo base en cada tarea")
RESULTS_RETENTION = say("What is kept of one token over time", "Lo que se conserva de un token con el tiempo")
RESULTS_TRAINING = say("Training loss of every arm", "Pérdida de entrenamiento de cada variante")
NO_RETENTION = say(
    "No run of the synthetic memory tasks was reported yet.",
    "Aún no hay ejecuciones de las tareas sintéticas de memoria.",
)
NO_CURVES = say("No training curve was reported yet.", "Aún no hay curvas de entrenamiento.")
CLAIMS = say(
    "Published claims: mean ± standard deviation (seeds); paired difference with its 95 % interval",
    "Afirmaciones publicadas: media ± desviación típica (semillas); diferencia pareada con su intervalo del 95 %",
)
SYNTHETIC = say("Synthetic memory", "Memoria sintética")
CLAIM_HEADS = (
    say("claim", "afirmación"),
    say("verdict", "veredicto"),
    say("published: Transformer → HMU", "publicado: Transformer → HMU"),
    say("ours: baseline", "nuestro: modelo base"),
    say("ours: HMU", "nuestro: HMU"),
    say("HMU minus baseline [95 %]", "HMU menos modelo base [95 %]"),
    say("majority or chance", "mayoría o azar"),
)
MAJORITY = say("majority", "mayoría")
ARMS_MEASURED = say("Every arm, by each task's first metric", "Cada variante, según la primera métrica de cada tarea")
ARM_HEADS = (
    say("task and metric", "tarea y métrica"),
    say("arm", "variante"),
    say("mean ± sd (seeds)", "media ± dt (semillas)"),
    MAJORITY,
    say("minus baseline", "menos el modelo base"),
)
IN_ITS_PLACE = say("{!s} (in its place)", "{} (en su lugar)")
OF_THE_STUDY = (
    say("holds", "se sostiene"),
    say("does not hold", "no se sostiene"),
    say("not yet enough seeds", "aún faltan semillas"),
    say("not measurable as defined", "no se puede medir tal como se definió"),
    say("GLUE, mean accuracy of six", "GLUE, exactitud media de seis"),
    say("P(right token) after 200 more", "P(token correcto) tras otros 200"),
    say("Cosine, written to read, after 200 more", "Coseno entre escrito y leído, tras otros 200"),
    say("Associative recall, 8 pairs in 128 tokens", "Recuerdo asociativo, 8 pares en 128 tokens"),
    say("Copy of 32 tokens and their end", "Copia de 32 tokens y su final"),
    say("Training time ({task})", "Tiempo de entrenamiento ({task})"),
    say("Synthetic memory, retention@200", "Memoria sintética, retention@200"),
    say("Synthetic memory, retrieval precision", "Memoria sintética, precisión de recuperación"),
    say("Synthetic memory, coherence", "Memoria sintética, coherencia"),
    say("{task}, accuracy", "{task}, exactitud"),
    say("{task}, loss", "{task}, pérdida"),
    say("{task}, concept coverage", "{task}, cobertura de conceptos"),
    say("{task}, BLEU", "{task}, BLEU"),
    say("{task}, Matthews correlation", "{task}, correlación de Matthews"),
    say("{task}, perplexity per word", "{task}, perplejidad por palabra"),
    say("matthews", "Matthews"),
    say("perplexity", "perplejidad"),
    say("loss", "pérdida"),
    say("step", "paso"),
    say("What is kept of one token", "Lo que se conserva de un token"),
    say("What is kept of pairs", "Lo que se conserva de los pares"),
    say("pairs", "pares"),
    say("P(right token)", "P(token correcto)"),
    say("tokens read since", "tokens leídos desde entonces"),
    say("HMU minus baseline, paired, 95 %", "HMU menos modelo base, pareado, 95 %"),
    say("Training loss: {task}", "Pérdida de entrenamiento: {task}"),
)
"""What the report says, as `hmu.study` and its plots say it."""
ZOO = say("Zoo", "Zoo")
ZOO_HINT = say(
    "Every checkpoint that can be picked above. The first column that reads with one loads it.",
    "Todos los checkpoints que se pueden elegir arriba. La primera columna que lee con uno lo carga.",
)
ZOO_CARDS = say("Checkpoints", "Checkpoints")
ZOO_SUM = say("{:d} of {:d} in memory · {} of at most {}", "{} de {} en memoria · {} de {} como máximo")
ZOO_LOADED = say("In memory · {} · {}", "En memoria · {} · {}")
ZOO_AWAY = say("Not in memory", "No está en memoria")
ZOO_NO_MEMORY = say("none: encoder states as they are", "ninguna: los estados del codificador tal cual")
ZOO_UNIT_ON = say("{memory}, a unit on {base}", "{memory}, una unidad sobre {base}")
ZOO_UNIT_OFF = say("none: {base}, its unit off", "ninguna: {base}, sin su unidad")
ZOO_NO_TASKS = say("none by itself: units read it", "ninguna por sí solo: lo leen unidades")
ZOO_NO_LICENCE = say("not told", "no consta")
ZOO_EMBEDDED = say("in this repository", "en este repositorio")
ZOO_FACTS = (
    MEMORY,
    say("Tasks", "Tareas"),
    say("Parameters", "Parámetros"),
    say("Size on disk", "Tamaño en disco"),
    say("Runs on", "Se ejecuta en"),
    say("Licence", "Licencia"),
    say("Source", "Procedencia"),
)
ZOO_WORDS = {
    "load": say("Load", "Cargar"),
    "unload": say("Unload", "Quitar de memoria"),
    "doing": {"load": say("Loading…", "Cargando…"), "unload": say("Unloading…", "Quitando…")},
    "copy": say("show whole and copy", "mostrar entero y copiar"),
    "copied": say("copied", "copiado"),
    "figures": say("As trained, from its own card", "Tal como se entrenó, según su propia ficha"),
    "more": say("More figures", "Más cifras"),
    "none": say("Its card tells no figures.", "Su ficha no da cifras."),
}
ZOO_PUBLIC = say(
    """Checkpoints are added, loaded and unloaded only on a page of your own: this one is open to the public,
and everyone here shares its memory. `python app.py` starts yours.""",
    """Los checkpoints solo se añaden, cargan y quitan en una página propia: esta está abierta al público
y todos comparten su memoria. `python app.py` abre la tuya.""",
)
ZOO_ADD = say(
    """## Add a checkpoint
It is checked and loaded once before anyone can pick it, and stays until the server ends. Nothing is written.""",
    """## Añade un checkpoint
Se comprueba y se carga una vez antes de que nadie pueda elegirlo, y queda hasta que acaba el servidor. No se escribe
nada.""",
)
ZOO_FOLDER = say("Folder on this machine", "Carpeta de esta máquina")
ZOO_FOLDER_INFO = say("the whole path, from / or ~", "la ruta completa, desde / o ~")
ZOO_REPO = say("Hub repository", "Repositorio del Hub")
ZOO_REPO_INFO = say("owner/name", "propietario/nombre")
ZOO_COMMIT = say("Commit", "Commit")
ZOO_COMMIT_INFO = say("40 hexadecimal digits, from its history", "40 dígitos hexadecimales, de su historial")
ZOO_ADD_FOLDER = say("Add the folder", "Añadir la carpeta")
ZOO_ADD_HUB = say("Add from the Hub", "Añadir desde el Hub")
ZOO_ADDED = say(
    "Added: {!s}. It can be picked in every column above.",
    "Añadido: {}. Se puede elegir en cualquier columna de arriba.",
)
DATASET = say("Your data", "Tus datos")
DATASET_HINT = say(
    """Let every column above answer a whole file of yours, and see how good each is and where they disagree.
It stays on the machine that serves this page and is deleted there within two hours.""",
    """Haz que cada columna de arriba responda a todo un archivo tuyo y mira cuánto acierta cada una y dónde discrepan.
No sale de la máquina que sirve esta página y se borra de ella antes de dos horas.""",
)
DATA_FILE = say(
    "CSV or JSON lines, at most {rows:,} rows and {megabytes:g} MB",
    "CSV o JSON lines, máx. {rows} filas y {megabytes} MB",
)
DATA_EXAMPLES = {
    "reviews.csv": (say("Try 20 film reviews", "Prueba 20 críticas de cine"), "sst2"),
    "pairs.csv": (say("Try 20 pairs of sentences", "Prueba 20 pares de frases"), "mrpc"),
    "concepts.csv": (say("Try 20 sets of concepts", "Prueba 20 grupos de conceptos"), "common_gen"),
}
"""File in app/examples → its button, and its task."""
TEXT_COLUMN = say("Column to read", "Columna de texto")
SECOND_COLUMN = say("Second text in", "Segundo texto en")
ANSWER_COLUMN = say("Right answer in", "Respuesta correcta en")
NO_ANSWER_COLUMN = say("(none)", "(ninguna)")
SCORE = say("Run all rows", "Ejecutar todo")
CANCEL = say("Cancel", "Cancelar")
DATA_PROGRESS = say("How much of the file is answered", "Cuánto del archivo está respondido")
DATA_PREVIEW = say("First rows of {name} · {rows:,} in all", "Primeras filas de {name} · {rows} en total")
DATA_STARTS = say("Waiting for a free place …", "Esperando un hueco libre…")
DATA_LOADS = say("Loading the models for {total:,} answers …", "Cargando los modelos para {total} respuestas…")
DATA_GOES = say("{done:,} of {total:,} answers", "{done} de {total} respuestas")
DATA_LEFT = say("about {seconds:,.0f} s left", "quedan unos {seconds} s")
DATA_DONE = say(
    "{inputs:,} inputs × {columns:d} columns in {seconds:.1f} s.",
    "{inputs} entradas × {columns} columnas en {seconds} s.",
)
DATA_CANCELLED = say("Cancelled after {done:,} of {total:,} answers.", "Cancelado tras {done} de {total} respuestas.")
DATA_CANCELLED_EARLY = say("Cancelled before the first answer.", "Cancelado antes de la primera respuesta.")
NO_FILE = say("No file yet: upload one, or try an example.", "Aún no hay archivo: sube uno o prueba un ejemplo.")
CLASS_SCORES = say(
    "Scores: majority is what always naming the commonest class would get",
    "Puntuaciones: mayoría es lo que se lograría nombrando siempre la clase más frecuente",
)
TEXT_SCORES = say(
    "Scores: coverage is the share of the concepts used, BLEU compares with the right sentences",
    "Puntuaciones: cobertura es la parte de los conceptos que se usa; BLEU compara con las frases correctas",
)
METRICS = {
    "accuracy": (say("accuracy", "exactitud"), "{:.3f}"),
    "macro_f1": (say("macro-F1", "macro-F1"), "{:.3f}"),
    "majority": (MAJORITY, "{:.3f}"),
    "coverage": (say("coverage", "cobertura"), "{:.3f}"),
    "bleu": (say("BLEU", "BLEU"), "{:.2f}"),
}
"""Metric → its heading, and how its number is written."""
DIFFER_MOST = say(
    "Where {first} and {second} differ most · they answer alike in {alike:,} of {rows:,}",
    "Dónde más difieren {first} y {second} · responden igual en {alike} de {rows}",
)
DIFFER_HEADS = (
    say("row", "fila"),
    say("text", "texto"),
    say("second text", "segundo texto"),
    say("right", "correcta"),
    say("difference", "diferencia"),
)
ANSWERED = say("{!s} ({:.2f})", "{} ({})")
DATA_FILES = say("Every answer, to take away", "Todas las respuestas, para llevar")
CONFUSION_OF = say("Answers by right class, column {}", "Respuestas por clase correcta, columna {}")
MINUS = say("{second!s} minus {first!s}", "{second} menos {first}")
OF_THE_MODELS = (
    say("Per source token", "Por token de la fuente"),
    say("gate", "puerta"),
    say("KL (nats)", "KL (nats)"),
    say("σ", "σ"),
    say("gate %{{y:.3f}} ± %{{error_y.array:.3f}}", "puerta %{{y:.3f}} ± %{{error_y.array:.3f}}"),
    say("Gate per token and channel", "Puerta por token y canal"),
    say("channel, most literal on top", "canal, el más literal arriba"),
    say("channel", "canal"),
    say("latent", "latente"),
    say("literal", "literal"),
    say("channel %{{text}}: %{{z}}", "canal %{{text}}: %{{z}}"),
    say("Per written token", "Por token escrito"),
    say("Per written token: the gate it saw", "Por token escrito: la puerta que vio"),
    say("log-prob.", "log-prob."),
    say("log-probability %{{y:.3f}}", "log-probabilidad %{{y:.3f}}"),
    say("entropy", "entropía"),
    say("entropy %{{y:.3f}} nats", "entropía %{{y:.3f}} nats"),
    say("Where each written token looked", "Dónde miró cada token escrito"),
    say("weight %{{z}}", "peso %{{z}}"),
    say("Probability of each class", "Probabilidad de cada clase"),
    say("probability", "probabilidad"),
    say("{column!s}: %{{y:.3f}}", "{column}: %{{y:.3f}}"),
    say("difference of probability", "diferencia de probabilidad"),
    say("Each class over the gate bias", "Cada clase según el sesgo de la puerta"),
    say("gate bias δ (logits)", "sesgo de la puerta δ (logits)"),
    say("{name!s} %{{y:.3f}}", "{name} %{{y:.3f}}"),
    say("{name!s} %{{y:+.4f}}", "{name} %{{y:+.4f}}"),
    say("What each token's gate does for “{answer!s}”", "Lo que hace por «{answer}» la puerta de cada token"),
    say("rise of its probability", "aumento de su probabilidad"),
    say("answered", "respondida"),
    say(
        "right %{{y}}, answered %{{x}}: %{{text}}, %{{z:.0%}} of the class",
        "correcta %{{y}}, respondida %{{x}}: %{{text}}, el %{{z:.0%}} de la clase",
    ),
    say("Cut to the first {limit:,} of {whole:,} characters.", "Cortado a los primeros {limit} de {whole} caracteres."),
    say(
        "Left out {dropped:,} control or direction characters ({kinds}).",
        "Omitidos {dropped} caracteres de control o de dirección ({kinds}).",
    ),
    say("Read the first {limit:d} of {whole:d} tokens.", "Leídos los primeros {limit} de {whole} tokens."),
    say("Begun with “{text}”.", "Empezado con «{text}»."),
    say("Row {number:d}, {column}: {note!s}", "Fila {number}, {column}: {note}"),
    say("{count:,} more changes of this kind.", "{count} cambios más de este tipo."),
    say(
        "{name}: cut to the first {limit:d} tokens: {cut:,} of {texts:,} texts.",
        "{name}: {cut} de {texts} textos, cortados a los primeros {limit} tokens.",
    ),
    say("Concepts to a sentence", "De conceptos a una frase"),
    say("News topic (AG-News)", "Tema de una noticia (AG-News)"),
    say("Sentiment of a film review (SST-2)", "Sentimiento de una crítica de cine (SST-2)"),
    say("Same meaning (MRPC)", "Mismo significado (MRPC)"),
    say("Entailment (RTE)", "Implicación (RTE)"),
    say("Acceptable English (CoLA)", "Inglés aceptable (CoLA)"),
    say("Answer in the sentence (QNLI)", "Respuesta en la frase (QNLI)"),
    say("Inference in three classes (MNLI, matched)", "Inferencia en tres clases (MNLI, matched)"),
    say("The end of a story (ROCStories)", "El final de una historia (ROCStories)"),
    say("The right end of a story (Story Cloze)", "El final correcto de una historia (Story Cloze)"),
    say("validation", "validación"),
    say("test", "prueba"),
    say("held out", "reservado"),
    say("active units", "unidades activas"),
    say("kl per token", "KL por token"),
    say("changed", "cambiadas"),
    say("gate mean", "puerta media"),
    say("gate std", "desviación de la puerta"),
    say("gate channel std", "desviación de la puerta por canal"),
    say("World", "Mundo"),
    say("Sports", "Deportes"),
    say("Business", "Economía"),
    say("Sci/Tech", "Ciencia/Tec."),
    say("negative", "negativa"),
    say("positive", "positiva"),
    say("equivalent", "equivalente"),
    say("not equivalent", "no equivalente"),
    say("entailment", "implicación"),
    say("not entailment", "sin implicación"),
    say("neutral", "neutral"),
    say("contradiction", "contradicción"),
    say("acceptable", "aceptable"),
    say("unacceptable", "inaceptable"),
)
"""What figures, notes and tasks say, as they say it where they are made: there nothing is known of languages."""
