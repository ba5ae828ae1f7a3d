"""Noise in the source: what each kind does, and that a draw has an address."""

import random
from collections import Counter

import pytest

from hmu.evaluation.corruptions import NOISES, Noise, corrupted, parse_noise
from hmu.tasks import Example

WORDS = [f"word{number}" for number in range(40)]
TEXTS = [Example(" ".join(random.Random(number).sample(WORDS, 20)), label=number % 2) for number in range(200)]
PAIRS = [Example(f"one {n} of these", second=f"other {n} of those here", label=0) for n in range(30)]
KINDS = ("drop", "replace", "typos")


def hits(noise: Noise, seed: int = 0) -> list[set[int]]:
    """Which words of each text a noise other than drop has changed."""
    found = corrupted(TEXTS, noise, seed)
    pairs = [(old.source.split(), new.source.split()) for old, new in zip(TEXTS, found, strict=True)]
    return [{place for place, (a, b) in enumerate(zip(old, new, strict=True)) if a != b} for old, new in pairs]


@pytest.mark.parametrize("share", [0.1, 0.3])
@pytest.mark.parametrize("kind", ["replace", "typos"])
def test_about_the_share_of_the_words_is_hit(kind: str, share: float) -> None:
    """4,000 words: five standard errors of 0.3 are 0.036."""
    assert sum(map(len, hits(Noise(kind, share)))) / 4000 == pytest.approx(share, abs=0.036)


def test_about_the_share_of_the_words_is_dropped_and_the_rest_keeps_its_order() -> None:
    found = [example.source.split() for example in corrupted(TEXTS, Noise("drop", 0.2))]
    for old, new in zip(TEXTS, found, strict=True):
        assert [word for word in old.source.split() if word in new] == new
    assert 1 - sum(map(len, found)) / 4000 == pytest.approx(0.2, abs=0.036)


def test_a_text_never_loses_all_its_words() -> None:
    found = corrupted([Example("dog"), Example("a dog"), Example("")], Noise("drop", 1.0))
    assert [example.source for example in found] == ["dog", "dog", ""]


@pytest.mark.parametrize("kind", ["replace", "typos"])
def test_what_a_small_share_hits_a_larger_one_hits_too(kind: str) -> None:
    few, many = hits(Noise(kind, 0.1)), hits(Noise(kind, 0.3))
    assert all(one <= other for one, other in zip(few, many, strict=True))


@pytest.mark.parametrize("noise", NOISES, ids=str)
def test_noise_is_its_seeds_and_its_examples_numbers(noise: Noise) -> None:
    """One text, in different places, takes different draws; the same place takes the same ones."""
    same = [Example("one two three")] * 60 + [Example("four five six")] * 60
    first, again, other = (corrupted(same, noise, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len({example.source for example in first[:60]}) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_draws_of_an_example_do_not_depend_on_the_others(kind: str) -> None:
    """The words that may come in are the same; texts after it are not."""
    whole = corrupted(TEXTS, Noise(kind, 0.3))
    reordered = corrupted([TEXTS[0], *reversed(TEXTS[1:])], Noise(kind, 0.3))
    assert whole[0] == reordered[0]


def test_a_replaced_word_becomes_another_word_of_the_set() -> None:
    found = corrupted(TEXTS, Noise("replace", 1.0))
    old, new = ([word for example in examples for word in example.source.split()] for examples in (TEXTS, found))
    assert all(a != b for a, b in zip(old, new, strict=True))
    assert set(new) == set(WORDS)
    assert [example.source for example in corrupted([Example("dog dog")], Noise("replace", 1.0))] == ["dog dog"]


def test_a_typo_is_one_error_of_one_of_four_kinds() -> None:
    examples = [Example("people")] * 400
    kinds: Counter[str] = Counter()
    for example in corrupted(examples, Noise("typos", 1.0)):
        word = example.source
        assert word != "people"
        if len(word) == 6 and sorted(word) == sorted("people"):
            kinds["swap"] += 1
        elif len(word) == 6:
            assert sum(a != b for a, b in zip(word, "people", strict=True)) == 1
            kinds["exchange"] += 1
        else:
            longer, shorter = sorted((word, "people"), key=len, reverse=True)
            assert shorter in {longer[:place] + longer[place + 1 :] for place in range(len(longer))}
            kinds["insert" if longer == word else "delete"] += 1
    assert min(kinds["swap"], kinds["exchange"], kinds["insert"], kinds["delete"]) > 50


@pytest.mark.parametrize("word", ["a", "oo", "ü", "1."])
def test_the_shortest_words_take_an_error_too(word: str) -> None:
    found = {example.source for example in corrupted([Example(word)] * 50, Noise("typos", 1.0))}
    assert not found & {word, ""}


def test_an_unrelated_text_stands_before_or_behind() -> None:
    examples = [Example(f"text{number}") for number in range(50)]
    found = [example.source.split() for example in corrupted(examples, Noise("unrelated"))]
    places = [words.index(f"text{number}") for number, words in enumerate(found)]
    assert {len(words) for words in found} == {2}
    assert set(places) == {0, 1}
    assert all(words[0] != words[1] for words in found)
    assert len({words[1 - place] for words, place in zip(found, places, strict=True)}) > 20
    assert corrupted(examples[:1], Noise("unrelated"))[0].source == "text0"


@pytest.mark.parametrize("noise", [Noise("replace", 0.5), Noise("typos", 0.5), Noise("drop", 0.5), Noise("unrelated")])
def test_both_texts_of_a_pair_take_noise_each_by_its_own_draws(noise: Noise) -> None:
    found = corrupted(PAIRS, noise)
    changed = [(a.source != b.source, a.second != b.second) for a, b in zip(PAIRS, found, strict=True)]
    assert [any(side) for side in zip(*changed, strict=True)] == [True, True]
    assert noise.kind == "unrelated" or {(True, False), (False, True)} & set(changed)
    assert all(example.second for example in found)


def test_what_is_right_stays_and_the_concepts_are_those_before_the_noise() -> None:
    """Catches coverage of what is left of a set: dropping every concept would cost nothing."""
    sets = [Example("dog ball throw", references=("A dog.",), group="1"), Example("field stand", label=3)]
    found = corrupted(sets, Noise("replace", 1.0))
    assert [example.wanted for example in found] == [("dog", "ball", "throw"), ("field", "stand")]
    assert [(e.references, e.group, e.label, e.second) for e in found] == [
        (e.references, e.group, e.label, None) for e in sets
    ]


def test_the_measure_is_each_kind_at_three_shares_and_an_unrelated_text() -> None:
    told = [f"{kind}:{share}" for kind in KINDS for share in (0.1, 0.2, 0.3)]
    assert [str(noise) for noise in NOISES] == [*told, "unrelated"]
    assert [parse_noise(text) for text in (*told, "unrelated")] == list(NOISES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hail:0.2", '"hail" is unknown; choose one of drop, replace, typos, unrelated'),
        ("drop", "drop has no share"),
        ("drop:0", "share 0;"),
        ("drop:nan", "share nan;"),
        ("drop:lots", "share 'lots' is no number"),
        ("unrelated:0.5", "share 0.5;"),
    ],
)
def test_a_noise_that_is_none_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^noise: .*{told}"):
        parse_noise(text)
