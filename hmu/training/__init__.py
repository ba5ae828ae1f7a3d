"""From a recipe file to a checkpoint. Needs the `train` extra."""
