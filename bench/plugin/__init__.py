"""What a unit brings to a frozen pretrained encoder, beside other ways of few parameters.

    arms    what is trained on the frozen encoder: a head alone, an adapter, LoRA, the unit
    runs    (task, arm, rows, seed) → one line of results, each done once
    report  lines of results → docs/PLUGIN.md

`python -m bench.plugin run --base DIR --data-root DIR` and `python -m bench.plugin report`.
"""
