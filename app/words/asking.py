"""What is asked: the task, the text, the buttons."""

from app.saying import say

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
TASK = say("Task", "Tarea")
PROMPT = say("Text", "Texto")
EXAMPLES = say("Try one", "Prueba uno")
RUN = say("Run", "Ejecutar")
STOP = say("Stop", "Parar")
DECODING = say("Decoding", "Decodificación")
CLASSIFY_HINT = say(
    """Every column classifies the text as you type. Below: where the gate would change the answer, and
which tokens' gates matter.""",
    """Cada columna clasifica el texto mientras escribes. Debajo: dónde cambiaría la puerta la respuesta y
qué tokens tienen puertas que importan.""",
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
