"""Links, files and the list of runs."""

from app.saying import say

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
