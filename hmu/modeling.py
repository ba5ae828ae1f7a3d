"""The joined model: encode → remember → decode or classify, as a Hugging Face `PreTrainedModel`.

Stores nothing of a call: controls come in with it, traces go out with it.
Axes: b batch, n source tokens, m memory slots, t target tokens, c classes, d model width, k latent width.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedModel
from transformers import initialization as init
from transformers.cache_utils import EncoderDecoderCache
from transformers.utils import ModelOutput

from hmu.configuration import MemoryTransformerConfig
from hmu.controls import Controls, usual
from hmu.errors import CheckpointError
from hmu.gate import GateLinear
from hmu.layers import DecoderBlock, EncoderBlock, new_cache, sinusoids
from hmu.losses import Total, alone, cross_entropy, gate_cost, latent_cost, shift_right
from hmu.memories import build_memory
from hmu.memory import Remembered, mean_of, positions_of
from hmu.outputs import Decoded, MemoryOutput, MemoryTransformerOutput


class MemoryTransformer(PreTrainedModel, GenerationMixin):
    """A post-norm Transformer encoder–decoder with a memory between its halves and heads for classification.

    Args:
        config: sizes, memory and heads.

    Raises:
        ValueError: if the memory does not know one of its settings.
    """

    config_class = MemoryTransformerConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    _tied_weights_keys = {"lm_head.weight": "embedding.weight"}
    _no_split_modules = ["EncoderBlock", "DecoderBlock"]
    _supports_sdpa = True
    accepts_loss_kwargs = False  # the loss is a mean: Trainer divides it by its accumulation steps

    def __init__(self, config: MemoryTransformerConfig) -> None:
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab_size, config.d_model, padding_idx=config.pad_token_id)
        self.encoder_blocks = nn.ModuleList(EncoderBlock(config) for _ in range(config.encoder_layers))
        self.decoder_blocks = nn.ModuleList(DecoderBlock(config, i) for i in range(config.decoder_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(config.d_model), nn.LayerNorm(config.d_model)
        self.memory = build_memory(config.memory, config.d_model, config.memory_settings)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=config.output_bias)
        self.heads = nn.ModuleDict(
            {task: nn.Linear(config.d_model, len(names)) for task, names in config.task_labels.items()}
        )
        self.dropout = nn.Dropout(config.dropout)
        self.post_init()

    @classmethod
    def from_pretrained(cls, name: Any, *args: Any, output_loading_info: bool = False, **kwargs: Any) -> Any:
        """As in `PreTrainedModel`, but a missing or unexpected tensor is an error, and only safetensors are read.

        Raises:
            CheckpointError: naming the tensors.
        """
        kwargs.setdefault("use_safetensors", True)
        model, info = super().from_pretrained(name, *args, output_loading_info=True, **kwargs)
        wrong = {kind: sorted(info[kind]) for kind in ("missing_keys", "unexpected_keys") if info[kind]}
        if wrong:
            told = "; ".join(
                f"{kind.replace('_keys', '')}: {', '.join(map(str, keys))}" for kind, keys in wrong.items()
            )
            raise CheckpointError(
                f'{name}: tensors do not fit config.json (memory = "{model.config.memory}"): {told}. '
                "Correct the config or copy the shards again"
            )
        return (model, info) if output_loading_info else model

    def encode(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Source tokens (b, n) and their mask (b, n) → source states v (b, n, d)."""
        states = self._embed(input_ids, positions_of(mask))
        allowed = mask.bool()[:, None, None, :]
        for block in self.encoder_blocks:
            states = block(states, allowed)
        return self.encoder_norm(states)

    def remember(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """Source states → what the decoder attends to; the baseline's memory is the states themselves.

        Args:
            states: (b, n, d).
            mask: (b, n), 1 for a real token.
            controls: what is turned, one for all rows or one for each. None means as trained: the mean in
                evaluation; in training τ = 1 with a seed drawn from torch's global generator, as dropout is.
            rows: b addresses for the noise; by default 0 … b − 1.
            state: what an earlier text left behind, for memories that carry state.
        """
        return self.memory(states, mask, usual(controls, self.training), rows, state)

    def decode(
        self,
        target_ids: Tensor,
        remembered: Remembered,
        cache: EncoderDecoderCache | None = None,
        want_weights: bool = False,
    ) -> Decoded:
        """Logits of the token after each target token.

        Args:
            target_ids: (b, t), beginning with the start token, or the newest tokens where a cache holds the rest.
            remembered: the memory.
            cache: keys and values of earlier tokens, extended in place.
            want_weights: also return the cross-attention.

        Raises:
            ValueError: for a cache, if this model reads the very tokens that it is asked for.
        """
        if cache is not None and self.config.sees_target:
            raise ValueError("decode: this model was trained to see its target; it copies and cannot write")
        start = cache.get_seq_length() if cache is not None else 0
        length = target_ids.shape[1]
        index = torch.arange(start, start + length, device=target_ids.device)
        states = self._embed(target_ids, index.expand(len(target_ids), -1))
        seen = torch.arange(start + length, device=target_ids.device)
        causal = None if length == 1 or self.config.sees_target else (seen[None, :] <= index[:, None])[None, None]
        allowed = remembered.mask.bool()[:, None, None, :]
        attentions: list[Tensor] = []
        for block in self.decoder_blocks:
            states, weights = block(states, remembered.memory, causal, allowed, cache, want_weights)
            if weights is not None:
                attentions.append(weights)
        return Decoded(self.lm_head(self.decoder_norm(states)), tuple(attentions))

    def classify(self, remembered: Remembered, task: str) -> Tensor:
        """The mean of the memory's real slots through the task's head: logits (b, c).

        Raises:
            ValueError: if this model has no head for the task.
        """
        if task not in self.heads:
            raise ValueError(f'task "{task}": this checkpoint has heads for {", ".join(self.heads) or "none"}')
        return self.heads[task](mean_of(remembered))

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        labels: Tensor | None = None,
        task: str | None = None,
        controls: Controls | None = None,
        rows: Sequence[int] | None = None,
        encoder_outputs: ModelOutput | None = None,
        past_key_values: EncoderDecoderCache | None = None,
        use_cache: bool | None = None,
        output_attentions: bool = False,
        total: Total = alone,
        kl_share: float = 1.0,
        **unused: Any,
    ) -> MemoryTransformerOutput:
        """One pass, in the shape that `Trainer` and `generate` expect.

        Args:
            input_ids, attention_mask: (b, n); the mask defaults to all real.
            decoder_input_ids: (b, t); by default the labels shifted right.
            labels: (b, t) token ids with −100 where nothing is asked, or (b,) class numbers where `task` is given.
            task: a classification task of the config; None decodes.
            controls, rows: see `remember`.
            encoder_outputs: a ready memory, such as `get_encoder()` returns; nothing is encoded or remembered then.
            past_key_values, use_cache: the cache of earlier target tokens.
            output_attentions: also return each layer's cross-attention.
            total: sums over the rows of a step that several processes share, for the loss.
            kl_share: of the config's `kl_weight`, for one that rises in training.

        Raises:
            ValueError: if neither a source nor a memory, or nothing to decode, is given.
        """
        remembered = self._memory_of(input_ids, attention_mask, controls, rows, encoder_outputs)
        if task is not None:
            logits = self.classify(remembered, task)
            attentions: tuple[Tensor, ...] = ()
            past_key_values = None
        else:
            if decoder_input_ids is None:
                if labels is None:
                    raise ValueError("forward: give decoder_input_ids, labels, or the name of a task")
                decoder_input_ids = self.shift_right(labels)
            if use_cache and past_key_values is None:
                past_key_values = new_cache()
            decoded = self.decode(decoder_input_ids, remembered, past_key_values, output_attentions)
            logits, attentions = decoded.logits, decoded.cross_attentions
        loss = None
        if labels is not None:
            loss = cross_entropy(logits, labels, total) + self._penalty(remembered, controls, total, kl_share)
        return MemoryTransformerOutput(
            loss=loss,
            logits=logits,
            past_key_values=past_key_values,
            cross_attentions=attentions or None,
            encoder_last_hidden_state=remembered.memory,
            trace=None if encoder_outputs is not None else remembered.trace.detached(),
        )

    def shift_right(self, labels: Tensor) -> Tensor:
        """(b, t) labels → decoder inputs: the start token, then every label but the last; or what they are, if seen."""
        if self.config.sees_target:
            return labels.masked_fill(labels == -100, self.config.pad_token_id)
        return shift_right(labels, self.config.decoder_start_token_id, self.config.pad_token_id)

    def get_encoder(self, modality: str | None = None) -> "SourceReader":
        """What `generate` calls for its encoder: reads the source and remembers it."""
        return SourceReader(self)

    def get_input_embeddings(self) -> nn.Module:
        """The table that source and target share."""
        return self.embedding

    def set_input_embeddings(self, value: nn.Embedding) -> None:
        """Replace the shared table."""
        self.embedding = value

    def get_output_embeddings(self) -> nn.Module:
        """The vocabulary projection."""
        return self.lm_head

    def set_output_embeddings(self, value: nn.Linear) -> None:
        """Replace the vocabulary projection."""
        self.lm_head = value

    def _embed(self, ids: Tensor, positions: Tensor) -> Tensor:
        states = self.embedding(ids) * self.config.d_model**0.5
        return self.dropout(states + sinusoids(positions, self.config.d_model).to(states.dtype))

    def _memory_of(
        self,
        input_ids: Tensor | None,
        mask: Tensor | None,
        controls: Controls | None,
        rows: Sequence[int] | None,
        encoder_outputs: ModelOutput | None,
    ) -> Remembered:
        if encoder_outputs is not None:
            memory = encoder_outputs[0]
            mask = getattr(encoder_outputs, "memory_mask", mask)
            return Remembered(memory, memory.new_ones(memory.shape[:2]) if mask is None else mask)
        if input_ids is None:
            raise ValueError("forward: give input_ids, or encoder_outputs with a ready memory")
        mask = torch.ones_like(input_ids) if mask is None else mask
        return self.remember(self.encode(input_ids, mask), mask, controls, rows)

    def _penalty(
        self, remembered: Remembered, controls: Controls | None, total: Total, kl_share: float
    ) -> Tensor | float:
        config, gate = self.config, remembered.trace.gate
        penalty = latent_cost(remembered, kl_share * config.kl_weight, config.free_bits, total)
        if gate is not None and config.gate_weight and (controls is None or not controls.gate_bias):
            penalty = penalty + config.gate_weight * gate_cost(gate, remembered.mask, config.gate_target, total)
        return penalty

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                init.constant_(module.bias, module.start if isinstance(module, GateLinear) else 0.0)
        elif isinstance(module, nn.Embedding):
            init.normal_(module.weight, std=self.config.d_model**-0.5)
        elif isinstance(module, nn.LayerNorm):
            init.ones_(module.weight)
            init.zeros_(module.bias)


class SourceReader:
    """Encode and remember as one step, the way `generate` asks for an encoder; holds no weights of its own."""

    def __init__(self, model: MemoryTransformer) -> None:
        self.model = model

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        controls: Controls | None = None,
        rows: Sequence[int] | None = None,
        **unused: Any,
    ) -> MemoryOutput:
        """(b, n) tokens → the memory (b, m, d) and its mask (b, m)."""
        remembered = self.model._memory_of(input_ids, attention_mask, controls, rows, None)
        return MemoryOutput(last_hidden_state=remembered.memory, memory_mask=remembered.mask)

    __call__ = forward
