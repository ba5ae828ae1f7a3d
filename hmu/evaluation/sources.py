"""Where each task's data come from and on what terms: what a model card has to say about them. Knows no files."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataSource:
    """A public data set.

    Args:
        name: as its authors call it.
        hub: its id on the Hugging Face Hub.
        licence: as far as one is stated.
        note: what a reader of the figures should know.
    """

    name: str
    hub: str
    licence: str
    note: str


_GLUE = "nyu-mll/glue"

SOURCES: Mapping[str, DataSource] = {
    "ag_news": DataSource(
        "AG News",
        "fancyzhx/ag_news",
        'AG\'s corpus of news articles: "for research purposes […] and any other non-commercial activity"',
        "a uniform sample of the official 120,000 training rows, and of the 7,600 test rows",
    ),
    "sst2": DataSource(
        "SST-2",
        "stanfordnlp/sst2",
        "none stated (Stanford Sentiment Treebank, from Rotten Tomatoes reviews)",
        "training rows are phrases, many out of one sentence, so the held-out slice shares sentences with the rest "
        "and flatters; validation is whole sentences",
    ),
    "common_gen": DataSource(
        "CommonGen",
        "GEM/common_gen",
        "MIT",
        "one input is a concept set; its rows are its references",
    ),
    "mrpc": DataSource(
        "MRPC",
        _GLUE,
        "Microsoft Research Paraphrase Corpus, for research; no open licence",
        "two thirds of the pairs have the same meaning, so accuracy is to be read beside the majority's",
    ),
    "rte": DataSource(
        "RTE",
        _GLUE,
        "none stated (pairs of the PASCAL RTE challenges 1, 2, 3 and 5, for research)",
        "277 rows of validation: one standard error of an accuracy is three points",
    ),
    "cola": DataSource(
        "CoLA",
        _GLUE,
        "none open: its sentences are out of published linguistics, used under fair use for research",
        "seven in ten sentences are acceptable, so Matthews correlation is the figure; 16 sentences of validation are "
        "in train, as in the source",
    ),
    "qnli": DataSource(
        "QNLI",
        _GLUE,
        "CC BY-SA 4.0, that of SQuAD 1.1, which it is made from",
        "the second version; classes are even",
    ),
    "mnli": DataSource(
        "MNLI",
        _GLUE,
        "mostly that of the Open American National Corpus (free use); some fiction under CC BY or CC BY-SA 3.0, or in "
        "the public domain",
        "validation is the matched one, from the genres of the training rows",
    ),
    "roc_stories": DataSource(
        "ROCStories",
        "wza/roc_stories",
        "none open: the University of Rochester hands the stories out on request, for research",
        "stories of spring 2016; there is no official split, so part of them is held out as validation",
    ),
    "story_cloze": DataSource(
        "Story Cloze",
        "LSDSem/story_cloze",
        "none open: the University of Rochester hands the stories out on request, for research",
        "validation of spring 2016; nothing is trained on it",
    ),
}
"""Task → its source."""
