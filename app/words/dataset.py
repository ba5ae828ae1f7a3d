"""The tab for a file of one's own."""

from app.saying import say
from app.words.results import MAJORITY

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
    "Scores: BLEU compares with the right texts",
    "Puntuaciones: BLEU compara con los textos correctos",
)
CONCEPT_SCORES = say(
    "Scores: coverage is the share of the concepts used, BLEU compares with the right sentences",
    "Puntuaciones: cobertura es la parte de los conceptos que se usa; BLEU compara con las frases correctas",
)
METRICS = {
    "accuracy": (say("accuracy", "exactitud"), "{:.3f}"),
    "macro_f1": (say("macro-F1", "macro-F1"), "{:.3f}"),
    "majority": (MAJORITY, "{:.3f}"),
    "matthews": (say("Matthews", "Matthews"), "{:.3f}"),
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
