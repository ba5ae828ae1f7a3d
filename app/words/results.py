"""The Results tab, and what the report says there."""

from app.saying import say

RESULTS_HINT = say(
    """Which published claims hold? Each was measured again under a corrected protocol, both models trained alike,
several seeds; HMU is the unit as published. **A claim holds only with five seeds and its whole interval on the
claimed side.**""",
    """¿Qué afirmaciones publicadas se sostienen? Cada una se midió de nuevo con un protocolo corregido, con los dos
modelos entrenados igual y varias semillas; HMU es la unidad tal como se publicó. **Solo se sostiene con cinco semillas
y todo su intervalo del lado afirmado.**""",
)
RESULTS_TALLY = say(
    "Holds: {holds}. Does not hold: {fails}. Not yet enough seeds: {few}. Not measurable as defined: {vague}.",
    "Se sostiene: {holds}. No se sostiene: {fails}. Aún faltan semillas: {few}. No se puede medir: {vague}.",
)
RESULTS_TOGETHER = say(
    "The HMU beside its baseline over all tasks: higher accuracy on {accuracy} of {tasks} (sign test: "
    "p = {p_accuracy:.3f}), lower log loss on {log_loss} of {losses} (p = {p_log_loss:.3f}).",
    "La HMU frente a su modelo base en todas las tareas: mayor exactitud en {accuracy} de {tasks} (prueba "
    "de los signos: p = {p_accuracy}), menor pérdida logarítmica en {log_loss} de {losses} (p = {p_log_loss}).",
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
    "Published claims: mean ± standard deviation (seeds); paired difference with its 95 % interval (pairs)",
    "Afirmaciones publicadas: media ± dt (semillas); diferencia pareada con su intervalo del 95 % (pares)",
)
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
HOLDS = say("holds", "se sostiene")
FAILS = say("does not hold", "no se sostiene")
TOO_FEW = say("not yet enough seeds", "aún faltan semillas")
VAGUE = say("not measurable as defined", "no se puede medir tal como se definió")
OF_THE_STUDY = (
    say("Synthetic memory", "Memoria sintética"),
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
    say("loss, KL included", "pérdida, KL incluida"),
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
