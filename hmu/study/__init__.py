"""The reproduction study: every task, several arms, several seeds, one line of results a run, one report.

arms        what each arm changes in a model
presets     what each preset trains and how: a run → a recipe
vocabulary  the vocabulary that all runs of a preset share
runs        which runs there are; one run: train, measure, tell
measures    what is measured of a run's model
results     lines of results: appended, read, merged
claims      what was published
statistics  seeds → mean, spread, paired interval, verdict
summary     results → claims with verdicts, arms beside one another; curves: trainings, and what is kept
times       what arms cost in time, as ratios; workload: one arm at work; stopwatch: arms taking turns
provenance  code, versions and machine of a figure
verdicts    claims and costs → the report's first sections; sections: the others
report      summary and times → docs/REPRODUCTION.md and JSON

Needs the extras `train` and `evaluate`.
"""
