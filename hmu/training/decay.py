"""What weight decay pulls on. Knows nothing of what is trained."""

from typing import Any

from transformers import Trainer


class DecayTrainer(Trainer):
    """A `Trainer` whose weight decay spares lone numbers, such as a residual's α, beside biases and norms."""

    def get_decay_parameter_names(self, model: Any) -> list[str]:
        """What weight decay pulls on."""
        return [name for name in super().get_decay_parameter_names(model) if model.get_parameter(name).dim()]
