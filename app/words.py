"""Every sentence that the page shows, in one place."""

TITLE = "HMU: a memory with a gate, beside the same model without one"
HEADER = """# Hippocampus Memory Unit
Two small Transformers, trained alike, read the same text. The **baseline** hands its encoder's states straight to the
decoder. The **HMU** first passes each token through a gate: amber is read *literally*, violet is read from a compressed
*latent*. Press Run, then drag the gate and watch what it reads."""
MORE = "Columns and seed"
COLUMNS = "Columns side by side"
CHECKPOINT = "checkpoint"
LOADING, LOADING_BAR = "Loading {title}, {size:.0f} MB …", "Loading a checkpoint"
NO_GATE = "This model has no gate: its decoder reads the encoder's states as they are."
NO_GATE_PLOT = "No gate to draw."
SOURCE_GATED = "Click or stroke tokens: literal → latent → as learned."
SOURCE_PLAIN = "What the encoder reads."
ACTIVE = " {} active units."
FORCE_ALL = ("all literal", "all latent", "as learned")
FOLLOW = "Follow: write again whenever a gate changes"
BY_GATE = "Sort the channels by their gate"
CONTINUE = "Click one to go on from it."
STOP_ALL = "Stop all"
STOP_ONE = "Stop {}"
SOURCE_OF, TEXT_OF = "Source tokens as column {} reads them", "Text of column {}"
BARS_OF, MAP_OF = "Gate, KL and σ of each source token, column {}", "Gates per channel, or attention, column {}"
WRITTEN_OF = "What each written token saw, column {}"
CLASS_BARS, CLASS_DIFFERENCE = "Probability of each class, every column", "Difference of the first two columns"
CURVES_OF, PUSHES_OF = "Each class over the gate bias, column {}", "What each token's gate does, column {}"
SHARE = "Take it with you: link, files, history"
SHARE_HINT = (
    "The link carries checkpoints with their hashes, text, controls, decoding and seed, and replays to the same result."
)
LINK, EXPORT = "Link to this page as it stands", "Files of the last run"
ADDRESS, FILES = "Link", "JSON to analyse, CSV of the tokens, a report that opens without network"
HISTORY, FORGET = "Runs of this browser (kept here alone)", "forget"
ONE_COLUMN = "Show two columns to see their difference."
FACTS = (
    "{tokens} tokens · first {first:.0f} ms · {speed:.0f}/s"
    " · mean log-prob. {logprob:.2f} · perplexity {perplexity:.2f}"
)
DECODING_LABELS = {
    "temperature": ("Decoding temperature", "0 is greedy"),
    "top_k": ("Top-k", "0 is all"),
    "top_p": ("Top-p", None),
    "repetition_penalty": ("Repetition penalty", None),
    "max_new_tokens": ("At most n tokens", None),
}
GATE_BIAS = "Gate bias δ"
GATE_BIAS_INFO = "◀ latent · literal ▶"
TEMPERATURE = "Latent temperature τ"
TEMPERATURE_INFO = "0 the mean · 1 as published"
SEED = "Seed"
SEED_INFO = "of noise and sampling"
PRESETS = {"As trained": (0.0, 0.0), "As published": (0.0, 1.0), "Latent": (-8.0, 0.0), "Literal": (8.0, 0.0)}
GENERATE, CLASSIFY = "Generate", "Classify"
TASK, PROMPT, EXAMPLES = "Task", "Text", "Try one"
RUN, STOP = "Run", "Stop"
DECODING = "Decoding"
WAITING = "Press Run: words appear here, coloured by what they read. Point at one for its probability and alternatives."
NOTHING = "Nothing: the model ended its text at once."
PLOT_WAITING = "Drawn while the models write"
NO_GATE_LABEL = "no gate: colour is probability"
GATE_LABEL = "colour is the gate it saw"
CLASSIFY_HINT = """Every column classifies the text as you type. Below: where the gate would change the answer, and
which tokens' gates matter."""
FOOTER = (
    "Paper: [doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904) · weights for research, not commerce"
)
PLACEHOLDERS = {
    "common_gen": "Three to five words, for example: dog, ball, throw",
    "ag_news": "A headline or the first lines of a news item",
    "sst2": "A sentence about a film",
}
EXAMPLE_TEXTS = {
    "common_gen": (
        "dog, ball, throw",
        "field, look, stand",
        "kid, dance, room",
        "cook, kitchen, food, prepare",
        "wave, surfer, ride, ocean",
    ),
    "ag_news": (
        "Oil prices climb to a new record as storms threaten refineries in the Gulf of Mexico",
        "Striker scores twice as the champions come back to win the cup final in extra time",
        "Researchers release a faster web browser that blocks malicious software by default",
        "Ministers meet in Geneva for a new round of peace talks after the cease-fire collapsed",
    ),
    "sst2": (
        "a warm, funny and quietly moving story",
        "a tedious mess that wastes its talented cast",
        "not without its charms, but far too long",
        "it never quite works, yet i could not look away",
    ),
}
ARMS = {"none": "Baseline", "hmu": "HMU"}
"""A column's title by the kind of memory it has; an unnamed kind shows its own name."""
IMAGINE = "Imagine"
IMAGINE_HINT = """Both sides write the same prompt several times: on the left only the latent's noise changes, on the
right each word is drawn. **Look at how many texts differ, and whether they still say what was asked**; equal texts wear
the same letter. This tab has checkpoints and controls of its own; of the board above, the seed alone counts."""
BETWEEN_HINT = """### From one text to another
The two prompts' latents are mixed in even steps; each mixture is written by the latent path alone, without the literal
one. The number on a cell is the second prompt's share. **Look at where the text changes, and whether the ends say what
was asked.**"""
FIGURES_HINT = """*distinct-1*, *distinct-2*: share of all words, and of all pairs of neighbours, that differ
(1: none occurs twice). *self-BLEU*: how like the others a text is (100: each has a twin). Compare equally many."""
IMAGINE_LATENT, IMAGINE_SOFTMAX = "By the latent's noise", "By drawing words (softmax)"
IMAGINE_LATENT_GRID, IMAGINE_SOFTMAX_GRID = "Texts by the latent's noise", "Texts by drawing words"
BETWEEN_GRID = "Texts between the two prompts"
IMAGINE_COUNT, IMAGINE_STEPS = "Texts each", "Steps"
SOFTMAX_TEMPERATURE = "Softmax temperature"
SOFTMAX_TEMPERATURE_INFO = (
    "the matched value (equal mean concept coverage within one point) will stand on the checkpoint's card"
)
BETWEEN_FIRST, BETWEEN_SECOND = "From", "To"
GRID_WAITING = "Press Run: the texts appear here."
DIFFERENT = "{} of {}"
DIFFERENT_TOLD = ("different texts", "texts that are not alike to the letter")
VARIETY_TOLD = (
    ("distinct-1", "share of the words that are different ones"),
    ("distinct-2", "share of the pairs of neighbouring words that are different ones"),
    ("self-BLEU", "how like the others a text is: 100 where each has a twin"),
)
ZOO = "Zoo"
ZOO_HINT = "Every checkpoint that can be picked above. The first column that reads with one loads it."
ZOO_CARDS = "Checkpoints"
ZOO_SUM = "{} of {} in memory · {} of at most {}"
ZOO_LOADED = "In memory · {} · {}"
ZOO_AWAY = "Not in memory"
ZOO_NO_MEMORY = "none: encoder states as they are"
ZOO_NO_LICENCE = "not told"
ZOO_EMBEDDED = "in this repository"
ZOO_FACTS = ("Memory", "Tasks", "Parameters", "Size on disk", "Runs on", "Licence", "Source")
ZOO_WORDS = {
    "load": "Load",
    "unload": "Unload",
    "doing": {"load": "Loading…", "unload": "Unloading…"},
    "copy": "show whole and copy",
    "copied": "copied",
    "figures": "As trained, from its own card",
    "more": "More figures",
    "none": "Its card tells no figures.",
}
ZOO_PUBLIC = """Checkpoints are added, loaded and unloaded only on a page of your own: this one is open to the public,
and everyone here shares its memory. `python app.py` starts yours."""
ZOO_ADD = """### Add a checkpoint
It is checked and loaded once before anyone can pick it, and stays until the server ends. Nothing is written."""
ZOO_FOLDER, ZOO_FOLDER_INFO = "Folder on this machine", "the whole path, from / or ~"
ZOO_REPO, ZOO_REPO_INFO = "Hub repository", "owner/name"
ZOO_COMMIT, ZOO_COMMIT_INFO = "Commit", "40 hexadecimal digits, from its history"
ZOO_ADD_FOLDER, ZOO_ADD_HUB = "Add the folder", "Add from the Hub"
ZOO_ADDED = "Added: {}. It can be picked in every column above."
DATASET = "Your data"
DATASET_HINT = """Let every column above answer a whole file of yours, and see how good each is and where they disagree.
It stays on the machine that serves this page and is deleted there within two hours."""
DATA_FILE = "CSV or JSON lines, at most {rows:,} rows and {megabytes:g} MB"
DATA_EXAMPLES = {
    "reviews.csv": ("Try 20 film reviews", "sst2"),
    "concepts.csv": ("Try 20 sets of concepts", "common_gen"),
}
"""File in app/examples → its button, and its task."""
TEXT_COLUMN, ANSWER_COLUMN = "Column to read", "Right answer in"
NO_ANSWER_COLUMN = "(none)"
SCORE, CANCEL = "Run all rows", "Cancel"
DATA_PROGRESS = "How much of the file is answered"
DATA_PREVIEW = "First rows of {name} · {rows:,} in all"
DATA_STARTS = "Waiting for a free place …"
DATA_LOADS = "Loading the models for {total:,} answers …"
DATA_GOES = "{done:,} of {total:,} answers"
DATA_LEFT = " · about {seconds:,.0f} s left"
DATA_DONE = "{inputs:,} inputs × {columns} columns in {seconds:.1f} s."
DATA_CANCELLED = "Cancelled after {done:,} of {total:,} answers."
DATA_CANCELLED_EARLY = "Cancelled before the first answer."
NO_FILE = "No file yet: upload one, or try an example."
CLASS_SCORES = "Scores: majority is what always naming the commonest class would get"
TEXT_SCORES = "Scores: coverage is the share of the concepts used, BLEU compares with the right sentences"
METRICS = {
    "accuracy": ("accuracy", "{:.3f}"),
    "macro_f1": ("macro-F1", "{:.3f}"),
    "majority": ("majority", "{:.3f}"),
    "coverage": ("coverage", "{:.3f}"),
    "bleu": ("BLEU", "{:.2f}"),
}
"""Metric → its heading, and how its number is written."""
DIFFER_MOST = "Where {first} and {second} differ most · they answer alike in {alike:,} of {rows:,}"
DIFFER_HEADS = ("row", "text", "right", "difference")
DATA_FILES = "Every answer, to take away"
CONFUSION_OF = "Answers by right class, column {}"
