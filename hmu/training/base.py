"""What every training of ours adds to the library's. Knows nothing of what is trained."""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import Trainer


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


def attention_kernel(bf16: bool, device: torch.device) -> AbstractContextManager[None]:
    """What attention is computed with: torch's choice, but matrix products for bf16 on a CPU.

    torch's fused attention took half of such a step there, most of it on the way back (torch 2.13, one core with AMX).
    """
    return sdpa_kernel(SDPBackend.MATH) if bf16 and device.type == "cpu" else nullcontext()
