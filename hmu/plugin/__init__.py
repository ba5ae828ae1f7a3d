"""A unit for a model of somebody else's: pretrained encoder → unit → the same model's decoder or head.

    settings   what a unit is made of and was made for: hmu_config.json
    identity   which base: its name and commit, or the sha256 of its weights
    seats      where in a base a unit sits: before a decoder, before a head of the base's own, or before one of ours
    unit       the unit as it is plugged in: memory and heads
    files      a unit on disk, and only the unit
    holder     a base and the units on it: added, loaded, saved, taken off
    model      HMUModel: what a call does with them
    foreign    somebody else's model, asked as our own is: read, remember, decode, classify
    asked      a base with its unit as a checkpoint, for whatever asks checkpoints
    rows, training    a task's rows in a base's tokens; training a unit on them
    cards      the model card of a unit

The base is neither changed nor saved. Names follow `peft` where its users know them.
"""

from hmu.plugin.identity import BaseIdentity
from hmu.plugin.model import HMUModel
from hmu.plugin.settings import UnitSettings

__all__ = ["BaseIdentity", "HMUModel", "UnitSettings"]
