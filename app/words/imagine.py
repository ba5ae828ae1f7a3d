"""The Imagine tab."""

from app.saying import say
from app.words.asking import GREEDY

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
