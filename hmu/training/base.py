"""What every training of ours adds to the library's. Knows nothing of what is trained."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class BaseTrainer(Trainer):
    """A `Trainer` whose weight decay spares lone numbers, such as a residual's α, beside biases and norms.

    In bf16 on a CPU it takes attention by matrix products, see `attention_kernel`.
    """

    def get_decay_parameter_names(self, model: Any) -> list[str]:
        """What weight decay pulls on."""
        return [name for name in super().get_decay_parameter_names(model) if model.get_parameter(name).dim()]

    def compute_loss_context_manager(self) -> ExitStack:
        """What the loss is computed under."""
        contexts: ExitStack = super().compute_loss_context_manager()
        contexts.enter_context(attention_kernel(self.args.bf16, self.args.device))
        return contexts


class Clock(TrainerCallback):
    """How long a training's steps took, in all its stretches: each resume file tells the seconds up to it."""

    def __init__(self) -> None:
        self.before, self.begun = 0.0, time.perf_counter()

    @property
    def seconds(self) -> float:
        """So far."""
        return self.before + time.perf_counter() - self.begun

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **unused: Any
    ) -> None:
        """Go on from what the resume file told."""
        del args, control
        told = [entry["seconds"] for entry in state.log_history if "seconds" in entry]
        self.before, self.begun = max(told, default=0.0), time.perf_counter()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **unused: Any) -> None:
        """Tell it to the resume file that is about to be written."""
        del args
        if control.should_save:
            state.log_history.append({"step": state.global_step, "seconds": round(self.seconds, 2)})


def going_on(resume: Path, said: Sequence[Any]) -> str | None:
    """The resume file that a training goes on from; None where it begins.

    Args:
        resume: the folder that `Trainer` saves to; it is marked with the training.
        said: what tells the training from any other, in plain values.

    Raises:
        ValueError: if what is there was left by another training.
    """
    training = sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    last, mark = last_whole(resume), resume / "training.txt"
    if last is None:
        with writing(resume):
            resume.mkdir(parents=True, exist_ok=True)
            mark.write_text(training, encoding="utf-8")
    elif not mark.is_file() or mark.read_text(encoding="utf-8") != training:
        raise ValueError(
            f"{resume}: left by another training (its settings, rows, vocabulary or first weights differ); "
            "remove the folder to begin anew"
        )
    return last


def last_whole(resume: Path) -> str | None:
    """The newest resume file that was written to its end; None where there is none.

    Args:
        resume: the folder that `Trainer` saves to. Of each checkpoint in it trainer_state.json comes last.
    """
    found = sorted(resume.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]))
    return next((str(folder) for folder in reversed(found) if _whole(folder / "trainer_state.json")), None)


def _whole(state: Path) -> bool:
    try:
        json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say in one line that a folder cannot be written to, whichever library finds out.

    Raises:
        ValueError: naming the folder and the remedy.
    """
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "PytorchStreamWriter" not in str(error):
            raise
        told = " ".join(str(error).split())[:200]
        raise ValueError(f"{folder}: {told}; make room or make it writable, and run it again: it goes on") from error


def attention_kernel(bf16: bool, device: torch.device) -> AbstractContextManager[None]:
    """What attention is computed with: torch's choice, but matrix products for bf16 on a CPU.

    torch's fused attention took half of such a step there, most of it on the way back (torch 2.13, one core with AMX).
    """
    return sdpa_kernel(SDPBackend.MATH) if bf16 and device.type == "cpu" else nullcontext()
