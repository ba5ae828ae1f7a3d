"""CommonGen: a few concepts in, a sentence that uses them out."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from hmu.tasks.base import Example, HubData, Row, Task

_LEAST, _MOST = 3, 5
"""Concepts in the smallest and the largest sets of the data."""
_BEGUN = 3
"""Letters that a word and the concept it stands for begin with alike."""
_SURE = 0.3
"""The least share of a word's sentences that ask for its concept: "was" begins like "wash" and is none."""
_COMMON = 0.02
"""Words in more than this share of the sentences are left out of the varied sets: mostly function words."""


def concepts(text: str) -> str:
    """A user's list, by commas or spaces → the concepts, lower case, one space between."""
    return " ".join(re.findall(r"[^\s,;]+", text.lower()))


def _example(row: Row) -> Example:
    source = concepts(" ".join(row["concepts"]))
    return Example(source=source, references=(row["target"],), group=str(row["concept_set_idx"]))


def _merge(examples: Iterable[Example]) -> list[Example]:
    merged: dict[str, Example] = {}
    for one in examples:
        first = merged.get(one.group)
        merged[one.group] = one if first is None else replace(first, references=first.references + one.references)
    return list(merged.values())


def _vary(examples: Sequence[Example], draw: Random) -> list[Example]:
    """The same sentences under other sets: concepts in another order, with further words of the sentence among them."""
    texts = [_words(example.references[0]) for example in examples]
    counts = Counter(word for words in texts for word in words)
    common = {word for word, count in counts.items() if count > _COMMON * len(examples)}
    varied = []
    for example, words in zip(examples, texts, strict=True):
        chosen = example.source.split()
        begun = tuple(word[:4] for word in chosen)
        others = [word for word in words if word not in common and not word.startswith(begun)]
        draw.shuffle(others)
        chosen += others[: draw.randint(0, max(0, _MOST - len(chosen)))]
        draw.shuffle(chosen)
        varied.append(replace(example, source=" ".join(chosen)))
    return varied


def _adopt(sentences: Sequence[str], examples: Sequence[Example], draw: Random) -> list[Example]:
    """Sentences that use enough concepts of the data, each under a drawn set of those it uses."""
    concept = _concept_of_word(examples)
    adopted = []
    for sentence in sentences:
        used = list(dict.fromkeys(concept[word] for word in _words(sentence) if word in concept))
        if len(used) >= _LEAST:
            chosen = draw.sample(used, draw.randint(_LEAST, min(_MOST, len(used))))
            adopted.append(Example(source=" ".join(chosen), references=(sentence,), group=sentence))
    return adopted


def _concept_of_word(examples: Sequence[Example]) -> dict[str, str]:
    """Word of a sentence → the concept that most often stood beside it and begins like it: "skiing" → "ski"."""
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    seen = Counter[str]()
    for example in examples:
        words = _words(example.references[0])
        seen.update(words)
        for concept in example.source.split():
            for word in (word for word in words if word[:_BEGUN] == concept[:_BEGUN]):
                beside[word][concept] += 1
    best = {word: counts.most_common(1)[0] for word, counts in beside.items()}
    return {word: concept for word, (concept, count) in best.items() if count >= _SURE * seen[word]}


def _words(sentence: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[a-z]{3,}", sentence.lower())))


COMMON_GEN = Task(
    name="common_gen",
    title="Concepts to a sentence",
    folder="common_gen",
    fields={"concepts": list, "target": str, "concept_set_idx": int},
    prepare=concepts,
    example=_example,
    merge=_merge,
    vary=_vary,
    adopt=_adopt,
    asks_concepts=True,
    hub=HubData("allenai/common_gen"),
)
