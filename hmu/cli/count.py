"""`count`: how many parameters a preset's arms have, summed over the modules as built."""

import argparse
import json

import torch

from hmu.cli.options import Commands
from hmu.configuration import preset
from hmu.modeling import MemoryTransformer


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("count", help="parameters of a preset, with and without the unit")
    parser.add_argument("--preset", default="paper", help="paper (the published sizes) or small (the zoo's)")
    parser.add_argument("--json", action="store_true", help="as without: the output is JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Build both arms without storage, count, print."""
    print(json.dumps(count(options.preset)))


def count(preset_name: str) -> dict[str, int]:
    """Parameters of the baseline, of the HMU model and of its unit.

    Raises:
        ValueError: for an unknown preset.
    """
    configs = {"baseline": preset(preset_name), "hmu": preset(preset_name, memory="hmu")}
    with torch.device("meta"):
        models = {arm: MemoryTransformer(config) for arm, config in configs.items()}
    counts = {arm: sum(part.numel() for part in model.parameters()) for arm, model in models.items()}
    return counts | {"unit": sum(part.numel() for part in models["hmu"].memory.parameters())}
