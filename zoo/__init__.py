"""The checkpoints: which there are, whether they are what they were, and which of them are in memory.

    catalog   catalog.json → Catalog of Entry and Pair: plain values, nothing is opened but the catalog
    store     Entry → its folder on this machine, every file compared with its sha256
    record    checkpoint folders → entries, and entries → catalog.json
    units     folders of units → entries, two for each
    admit     a folder or a Hub repository from outside → entries, with the base of a unit
    load      Entry → hmu.Checkpoint
    shelf     id → hmu.Checkpoint, loaded once, the least recently used put away
    cli       python -m zoo list | verify | base | record

Imports run app → zoo → hmu. `catalog` and `store` import no model code, so that listing is quick.
"""
