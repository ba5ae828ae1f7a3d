"""The Zoo tab."""

from app.saying import say
from app.words.page import MEMORY

ZOO_HINT = say(
    "Every checkpoint of this page, and the models that units are put on. The first column that reads with one loads"
    " it.",
    "Todos los checkpoints de esta página y los modelos de las unidades. La primera columna que lee con uno lo carga.",
)
ZOO_CARDS = say("Checkpoints", "Checkpoints")
ZOO_SUM = say("{:d} of {:d} in memory · {} of at most {}", "{} de {} en memoria · {} de {} como máximo")
ZOO_LOADED = say("In memory · {} · {}", "En memoria · {} · {}")
ZOO_AWAY = say("Not in memory", "No está en memoria")
ZOO_NO_MEMORY = say("none: encoder states as they are", "ninguna: los estados del codificador tal cual")
ZOO_AS_PUBLISHED = say(
    "{memory} as published: all its noise from the first step, no KL, no gate turned in training",
    "{memory} tal como se publicó: todo su ruido desde el primer paso, sin KL ni puertas movidas al entrenar",
)
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
    "figures": say("Nothing turned (δ 0, τ 0), from its own card", "Sin mover nada (δ 0, τ 0), según su propia ficha"),
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
    """## Add a checkpoint or a unit
It is checked and loaded once before anyone can pick it, and stays until the server ends. Nothing is written. A unit
becomes a pair, its base with it and without; a base from the Hub is fetched if it is not here.""",
    """## Añade un checkpoint o una unidad
Se comprueba y se carga una vez antes de que nadie pueda elegirlo, y queda hasta que acaba el servidor. No se escribe
nada. Una unidad se convierte en un par, su base con ella y sin ella; una base del Hub se descarga si no está aquí.""",
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
