"""Texts to try and what is worth seeing in each."""

from app.saying import say

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
        "Look at the bars: which words are read literally, and what of the end mark? Then press Latent under an"
        " HMU column.",
        "Mira las barras: ¿qué palabras se leen literalmente, y la marca final? Luego pulsa Latente en una"
        " columna HMU.",
    ),
    "wave, surfer, ride, ocean": say(
        "Press Latent under an HMU column and Run: is the surfer lost without the literal path? Does Literal"
        " bring him back?",
        "Pulsa Latente en una columna HMU y Ejecutar: ¿se pierde el surfista sin el camino literal? ¿Lo devuelve"
        " Literal?",
    ),
    "chef, cut, onion, knife": say(
        "Press Latent under an HMU column and Run: what becomes of the knife? Look at the split words, too.",
        "Pulsa Latente en una columna HMU y Ejecutar: ¿qué ocurre con el cuchillo? Mira también las palabras partidas.",
    ),
    "horse, rider, jump, fence": say(
        "Do the columns agree? Press Latent under an HMU column and Run: does the rider still jump?",
        "¿Coinciden las columnas? Pulsa Latente en una columna HMU y Ejecutar: ¿sigue saltando el jinete?",
    ),
    "snow, mountain, ski, slope": say(
        "How high is the bar of “ski”? Click it until it is latent, then press Run: does anyone still ski?",
        "¿Qué altura tiene la barra de «ski»? Púlsalo hasta que sea latente y luego Ejecutar: ¿esquía alguien todavía?",
    ),
    "Court fines oil giant over a spill off the coast of Nigeria": say(
        "World or Business? Look at how sure each column is, and at the tokens whose gates would move it.",
        "¿Mundo o negocios? Mira cuán segura está cada columna y los tokens cuyas puertas la moverían.",
    ),
    "Ministers meet in Geneva for a new round of peace talks after the cease-fire collapsed": say(
        "Do all columns hear of peace talks? Look at which tokens pull towards another topic.",
        "¿Oyen todas las columnas que se habla de paz? Mira qué tokens tiran hacia otro tema.",
    ),
    "Tennis star invests in an online music start-up": say(
        "Three topics in one headline. Look at the difference of the columns.",
        "Tres temas en un titular. Mira la diferencia de las columnas.",
    ),
    "Striker scores twice as the champions come back to win the cup final in extra time": say(
        "Have names and deeds higher gates than “the” and “to”? Force some and see what moves.",
        "¿Tienen nombres y hechos puertas más altas que «the» y «to»? Fuerza algunas y mira qué se mueve.",
    ),
    "a warm, funny and quietly moving story": say(
        "Nothing to argue about. Drag the gate bias: does anything move?",
        "Nada que discutir. Mueve el sesgo de la puerta: ¿cambia algo?",
    ),
    "not without its charms, but far too long": say(
        "Praise and blame in one line. Press Latent, then Literal: which side does each take?",
        "Elogio y queja en una línea. Pulsa Latente y luego Literal: ¿de qué lado se pone cada uno?",
    ),
    "too clever by half and never funny": say(
        "“clever” and “funny”, and no praise. Look at who falls for them.",
        "«clever» y «funny», y ningún elogio. Mira quién se deja engañar.",
    ),
    "the jokes are old but the cast is irresistible": say(
        "The praise comes last. Press Literal: does it count for more then?",
        "El elogio llega al final. Pulsa Literal: ¿pesa más entonces?",
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
        "Does the end speak of Mara and her cake? Press Latent under an HMU column and Run: what is left of her?",
        "¿Habla el final de Mara y su tarta? Pulsa Latente en una columna HMU y Ejecutar: ¿qué queda de ella?",
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
"""Example → what is worth seeing; true of whatever stands in the columns: nothing here is a claim about a model."""
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
            "One day is enough against “every day”. Press Literal, then Latent, under an HMU column: what tips the"
            " answer?",
            "Un solo día basta contra «every day». Pulsa Literal y luego Latente en una columna HMU: ¿qué la inclina?",
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
"""Task that reads two texts → its examples, each with what is worth seeing, likewise."""
