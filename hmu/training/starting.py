"""The model that a training starts from: fresh, on another's trunk, or with another's weights."""

from pathlib import Path

from transformers import PreTrainedTokenizerBase, set_seed

from hmu.checkpoint import load_checkpoint
from hmu.modeling import MemoryTransformer
from hmu.training.recipe import Recipe


def fresh_model(recipe: Recipe, arm: str, trunk: Path | None = None) -> MemoryTransformer:
    """An untrained model; the tensors that the arms share, name and shape, start equal.

    Args:
        recipe: the training.
        arm: a name in `recipe.arms`.
        trunk: a checkpoint that these are taken from, but for the heads of tasks.

    Raises:
        ValueError: if the checkpoint lacks a tensor of encoder, decoder or embedding.
    """
    set_seed(recipe.seed)
    shared = MemoryTransformer(recipe.config("baseline")).state_dict()
    model = MemoryTransformer(recipe.config(arm))
    own = model.state_dict()
    if trunk:
        given = load_checkpoint(trunk, device="cpu", dtype="fp32").model.state_dict()
        wanted = [name for name in shared if not name.startswith("heads.")]
        wrong = [name for name in wanted if name not in given or given[name].shape != shared[name].shape]
        if wrong:
            raise ValueError(f'{trunk}: tensor "{wrong[0]}" does not fit recipe {recipe.name}; give one of its size')
        shared |= {name: given[name] for name in wanted}
    alike = {n: tensor for n, tensor in shared.items() if n in own and own[n].shape == tensor.shape}
    model.load_state_dict(alike, strict=False)
    return model


def given_model(recipe: Recipe, arm: str, init: Path) -> tuple[MemoryTransformer, PreTrainedTokenizerBase]:
    """The recipe's model with a checkpoint's weights, and that checkpoint's tokenizer.

    Raises:
        ValueError: if the checkpoint is damaged, or its tensors are not those that the recipe's arm has.
    """
    given = load_checkpoint(init, device="cpu", dtype="fp32")
    model, weights = MemoryTransformer(recipe.config(arm)), given.model.state_dict()
    wanted = model.state_dict()
    wrong = [
        n for n in {**wanted, **weights} if n not in wanted or n not in weights or wanted[n].shape != weights[n].shape
    ]
    if wrong:
        raise ValueError(f'{init}: tensor "{wrong[0]}" does not fit arm "{arm}" of recipe {recipe.name}; give its like')
    model.load_state_dict(weights)
    return model, given.tokenizer
