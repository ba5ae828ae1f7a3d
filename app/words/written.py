"""What Generate and Classify show of an answer: its tokens, plots and figures."""

from app.saying import say

NO_GATE_PLOT = say("No gate to draw.", "No hay puerta que dibujar.")
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
ONE_COLUMN = say("Show two columns to see their difference.", "Muestra dos columnas para ver su diferencia.")
FACTS = say(
    "{tokens:d} tokens · first {first:.0f} ms · {speed:.0f}/s"
    " · mean log-prob. {logprob:.2f} · perplexity {perplexity:.2f}",
    "{tokens} tokens · primero en {first} ms · {speed}/s · log-prob. media {logprob} · perplejidad {perplexity}",
)
WAITING = say(
    "Press Run: words appear here, coloured by what they read. Point at one for its probability and alternatives.",
    "Pulsa Ejecutar: aquí aparecen palabras, coloreadas según lo que leen. Señala una para ver su probabilidad y sus"
    " alternativas.",
)
NOTHING = say("Nothing: the model ended its text at once.", "Nada: el modelo acabó su texto al instante.")
PLOT_WAITING = say("Drawn while the models write", "Se dibuja mientras los modelos escriben")
NO_GATE_LABEL = say("no gate: colour is probability", "sin puerta: el color es la probabilidad")
GATE_LABEL = say("colour is the gate it saw", "el color es la puerta que vio")
