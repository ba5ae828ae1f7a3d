"""From a checkpoint and a data file to figures, and from figures to a model card. Needs the `evaluate` extra.

metrics   answers and what was asked → numbers
unit      the traces of a run → numbers on the unit's health
score     checkpoint, examples, controls → Score
figures   every score that a model card reports, cached in a file
sources   where each task's data come from and on what terms
facts     what a model card says beside its figures
metadata, tables, card    facts and figures → README.md
"""

from hmu.evaluation.metrics import ClassMetrics, TextMetrics
from hmu.evaluation.score import Score, score
from hmu.evaluation.unit import UnitMetrics

__all__ = ["ClassMetrics", "Score", "TextMetrics", "UnitMetrics", "score"]
