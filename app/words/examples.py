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
