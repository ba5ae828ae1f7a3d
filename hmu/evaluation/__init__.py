"""From a checkpoint and a data file to figures, and from figures to a model card. Needs the `evaluate` extra.

metrics   answers and what was asked → numbers; variety: texts of one source → how much they differ
unit      the traces of a run → numbers on the unit's health
batches   examples → what the encoder leaves of them; likelihood: how likely a checkpoint finds given texts
score     checkpoint, examples, controls → Score
samples, thorough    a score and all further figures: Evaluation
corruptions, robustness    noise in the source → what it costs; what is left of the latents alone
figures   every score that a model card reports; kept: figures in a file, for as long as the weights are the same
retention, published    what a checkpoint of the synthetic tasks remembers; the paper's own figure; synthetic: both
synthetic_figures    both under every setting, as such a checkpoint's card reports them
sources   where each task's data come from and on what terms
facts     what a model card says beside its figures
metadata, tables, sections, card    facts and figures → README.md; synthetic_metadata, synthetic_card: the other kind
matched   a matched softmax temperature → into a README.md
"""

from hmu.evaluation.metrics import ClassMetrics, TextMetrics
from hmu.evaluation.score import Score, score
from hmu.evaluation.unit import UnitMetrics

__all__ = ["ClassMetrics", "Score", "TextMetrics", "UnitMetrics", "score"]
