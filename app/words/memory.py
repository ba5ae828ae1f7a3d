"""The Memory tab."""

from app.saying import say

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
