"""The Hippocampus Memory Unit, a Transformer around it, and what one needs to train, run and look inside it.

    controls        gate bias, latent temperature, seed, forced gates: one value, passed with the call
    noise           draws with an address
    latent, gate    the token-level VAE and the learned gate
    unit            both, fused and projected: the HMU
    memory          the seam's values: Remembered, MemoryTrace; memories: name → module
    configuration, layers, losses, outputs, modeling    the joined model, a Hugging Face PreTrainedModel
    checkpoint, devices                        a folder on disk → a model that can be asked
    text, reading   a person's text → source → memory; tokens: texts → token ids, alone or in pairs
    sampling, decoding, beams                  memory → one Step after another; the likeliest sentence
    profile, plots  traces and steps → values → figures
    tasks           what is asked of a text
    training        recipe → checkpoint
    evaluation      checkpoint and data file → metrics and model card
    cli             python -m hmu

Axes everywhere: b batch, n source tokens, m memory slots, t target tokens, d model width, k latent width, h heads.
"""

from transformers import AutoConfig, AutoModel, AutoModelForSeq2SeqLM

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.configuration import MemoryTransformerConfig, preset
from hmu.controls import AS_PUBLISHED, Controls
from hmu.decoding import Step, stream
from hmu.errors import CheckpointError
from hmu.memory import MemoryTrace, Remembered
from hmu.modeling import MemoryTransformer
from hmu.reading import Source, class_probabilities, class_probabilities_each, read, remember, remember_each
from hmu.sampling import Decoding
from hmu.tasks import TASKS, find_task
from hmu.unit import HMU

__version__ = "0.1.0"

AutoConfig.register(MemoryTransformerConfig.model_type, MemoryTransformerConfig, exist_ok=True)
AutoModel.register(MemoryTransformerConfig, MemoryTransformer, exist_ok=True)
AutoModelForSeq2SeqLM.register(MemoryTransformerConfig, MemoryTransformer, exist_ok=True)

__all__ = [
    "AS_PUBLISHED",
    "HMU",
    "TASKS",
    "Checkpoint",
    "CheckpointError",
    "Controls",
    "Decoding",
    "MemoryTrace",
    "MemoryTransformer",
    "MemoryTransformerConfig",
    "Remembered",
    "Source",
    "Step",
    "class_probabilities",
    "class_probabilities_each",
    "find_task",
    "load_checkpoint",
    "preset",
    "read",
    "remember",
    "remember_each",
    "stream",
]
