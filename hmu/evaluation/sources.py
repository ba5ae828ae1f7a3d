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
}
"""Task → its source."""
