"""A session as a link: what comes back, what is told, and what strangers may not send."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from random import Random
from urllib.parse import parse_qsl, quote

import pytest
from starlette.datastructures import QueryParams

from app.handlers.asks import DECODING, GATE_BIAS_REACH, SEED_REACH, TEMPERATURE_REACH
from app.links import Column, Linked, Session, query_of, session_of
from hmu import Controls, Decoding
from hmu.text import MAX_CHARACTERS
from zoo.catalog import Catalog, Entry, FileRecord

HOSTILE = '"><img src=x onerror=alert(1)> </script> ${alert(1)} &b=evil #x %41 +'
TURNED = Controls(gate_bias=-2.5, temperature=1.0, seed=7, forced=(1.0, None, 0.0, 0.25))
SAMPLED = Decoding(temperature=0.7, top_k=5, top_p=0.9, repetition_penalty=1.1, seed=7, max_new_tokens=12)


def entry(name: str, tasks: tuple[str, ...] = ("common_gen", "ag_news")) -> Entry:
    files = (FileRecord("config.json", name.encode().hex().ljust(64, "0"), 1),)
    return Entry(name, "trio", name, "Trio", tasks, 1, 1, files, name, None, None, "none")


def zoo(*entries: Entry) -> Catalog:
    return Catalog(Path("zoo"), entries)


KNOWN = zoo(
    *(entry(name) for name in ("plain", "gated", "third", "fourth")),
    entry("classifier", ("ag_news",)),
    entry("reader", ("mrpc", "mnli")),
)


def column(name: str = "plain", controls: Controls = Controls(seed=7)) -> Column:  # noqa: B008 - it is immutable
    return Column(name, KNOWN.find(name).sha256, controls)


def session(*columns: Column, text: str = "dog, ball, throw", decoding: Decoding = SAMPLED) -> Session:
    return Session("generate", "common_gen", text, columns, decoding)


def opened(query: str, catalog: Catalog = KNOWN) -> Linked:
    linked = session_of(parse_qsl(query, keep_blank_values=True), catalog)
    assert linked is not None
    return linked


SESSIONS = {
    "one": session(column()),
    "turned": session(column(), column("gated", TURNED)),
    "four": session(*(column(name, TURNED) for name in ("fourth", "plain", "plain", "third"))),
    "as-at-first": session(column(controls=Controls()), decoding=Decoding()),
    "classes": Session("classify", "ag_news", "Oil prices climb", (column("classifier"),), Decoding(seed=7)),
    "two-texts": Session(
        "classify", "mnli", "A dog, a ball", (column("reader"),), Decoding(seed=7), "Nobody & nothing"
    ),
    "no-second": Session("classify", "mrpc", "A dog", (column("reader"),), Decoding(seed=7), ""),
    "hostile-second": Session("classify", "mrpc", HOSTILE, (column("reader"),), Decoding(seed=7), HOSTILE[::-1]),
    "no-text": session(column(), text=""),
    "hostile": session(column(), text=HOSTILE),
    "scripts": session(column(), text="犬 🐕‍🦺 كلب ça; a=b&c=d"),
}


@pytest.mark.parametrize("asked", SESSIONS.values(), ids=SESSIONS)
def test_a_link_gives_back_its_session(asked: Session) -> None:
    assert opened(query_of(asked)) == Linked(asked)


@pytest.mark.parametrize("asked", SESSIONS.values(), ids=SESSIONS)
def test_a_link_is_made_of_characters_that_need_no_escape(asked: Session) -> None:
    query = query_of(asked)
    assert quote(query, safe="=&%+,~") == query


def steps(low: float, high: float, step: float) -> list[float]:
    return [low + place * step for place in range(round((high - low) / step) + 1)]


def draws(low: float, high: float, step: float) -> list[float]:
    random = Random(0)
    return [random.uniform(low, high) for _ in range(100)] + [low, high, (low + 2 * high) / 3, max(low, 5e-324)]


@pytest.mark.parametrize("values", [steps, draws], ids=["grid", "any"])
def test_numbers_come_back_to_the_last_bit(values: Callable[[float, float, float], list[float]]) -> None:
    biases = values(-GATE_BIAS_REACH, GATE_BIAS_REACH, 0.1)
    for bias, tau in zip(biases, cycle(values(0.0, TEMPERATURE_REACH, 0.05)), strict=False):
        asked = session(column(controls=Controls(bias, tau, 7, (abs(bias) / GATE_BIAS_REACH,))))
        assert opened(query_of(asked)).session == asked
    for name, (low, high, first, step) in DECODING.items():
        for value in values(low, high, step):
            given = int(value) if isinstance(first, int) else value
            asked = session(column(), decoding=Decoding(**{"seed": 7, name: given}))  # type: ignore[arg-type]
            assert opened(query_of(asked)).session == asked


def test_what_stands_as_at_first_is_left_out() -> None:
    assert query_of(SESSIONS["as-at-first"]) == f"task=common_gen&text=dog,+ball,+throw&a=plain~{digits()}"


def digits(name: str = "plain") -> str:
    return KNOWN.find(name).sha256[:16]


def test_a_forced_gate_is_one_character() -> None:
    asked = session(column(controls=Controls(seed=7, forced=(1.0, 1.0, None, 0.0, 0.25, None))))
    assert "&a.forced=ll.z~0.25~.&" in query_of(asked)


def test_forcing_nothing_needs_no_parameter() -> None:
    assert "forced" not in query_of(session(column(controls=Controls(seed=7, forced=(None, None)))))


def test_a_server_s_own_multi_dict_is_understood() -> None:
    asked = SESSIONS["turned"]
    linked = session_of(QueryParams(query_of(asked)), KNOWN)
    assert linked is not None
    assert linked.session == asked
    assert session_of(dict(parse_qsl(query_of(asked))), KNOWN) == linked
    with pytest.raises(ValueError, match="'a': given more than once"):
        session_of(QueryParams(query_of(asked) + "&a=plain"), KNOWN)


@pytest.mark.parametrize("query", ["", "__theme=dark", "view=api&logs=container", "utm_source=mail&x=1"])
def test_an_ordinary_visit_asks_nothing(query: str) -> None:
    assert session_of(parse_qsl(query), KNOWN) is None


def test_gradio_s_own_parameters_change_nothing() -> None:
    query = query_of(SESSIONS["turned"])
    assert opened(f"__theme=dark&view=api&{query}&logs=build&__sign=x&__theme=light") == opened(query)


WRONG = {
    "task": ("task=poems&a=plain", "a=plain", "task=&a=plain", f"task={'x' * 3000}&a=plain"),
    "a": (
        "task=common_gen",
        "task=common_gen&a=",
        "task=common_gen&a=~0123456789abcdef",
        "task=common_gen&a=plain~0123",
        "task=common_gen&a=plain~0123456789abcdeg",
        "task=common_gen&a=plain&a=gated",
        "task=common_gen&b=plain",
        "task=common_gen&a.bias=1",
    ),
    "b": ("task=common_gen&a=plain&c=plain", "task=common_gen&a=plain&b.bias=1", "task=common_gen&a=plain&b=%00~"),
    "e": ("task=common_gen&a=plain&b=plain&c=plain&d=plain&e=plain",),
    "colour": ("task=common_gen&a=plain&colour=red",),
    "": ("task=common_gen&a=plain&=1",),
    "a.bias": tuple(
        f"task=common_gen&a=plain&a.bias={bad}" for bad in ("9", "-8.1", "nan", "inf", "1_0", "", "%D9%A1")
    ),
    "a.tau": tuple(f"task=common_gen&a=plain&a.tau={bad}" for bad in ("-1", "2.01", "1e3", "0x1", "+1", "true", "[]")),
    "a.forced": tuple(f"task=common_gen&a=plain&a.forced={bad}" for bad in ("1", "lx", "~2~", "~", "~~", "z" * 2001)),
    "seed": tuple(f"task=common_gen&a=plain&seed={bad}" for bad in ("-1", "1.5", str(SEED_REACH + 1), "1e3", "9" * 99)),
    "temperature": ("task=common_gen&a=plain&temperature=2.5",),
    "top_k": ("task=common_gen&a=plain&top_k=2.5", "task=common_gen&a=plain&top_k=101"),
    "top_p": ("task=common_gen&a=plain&top_p=0",),
    "max_new_tokens": ("task=common_gen&a=plain&max_new_tokens=0", "task=common_gen&a=plain&max_new_tokens=9999"),
    "text": ("task=common_gen&a=plain&text=x&text=y",),
    "second": (
        "task=common_gen&a=plain&text=x&second=y",
        "task=ag_news&a=classifier&text=x&second=",
        "task=mrpc&a=reader&text=x&second=y&second=z",
    ),
}


@pytest.mark.parametrize(("name", "query"), [(name, query) for name, queries in WRONG.items() for query in queries])
def test_what_cannot_be_is_refused_by_name_in_one_short_line(name: str, query: str) -> None:
    with pytest.raises(ValueError, match=f"^link, parameter '{name}': ") as told:
        opened(query)
    assert len(str(told.value)) < 250
    assert str(told.value).isprintable()


def test_a_link_of_two_texts_that_was_made_without_the_second_still_opens() -> None:
    assert opened("task=mrpc&a=reader&text=x").session.second == ""


def test_a_second_text_is_cut_and_cleaned_as_the_first_and_told() -> None:
    linked = opened(f"task=mrpc&a=reader&text=x&second={'dog ' * MAX_CHARACTERS}")
    assert linked.session.second == ("dog " * MAX_CHARACTERS)[:MAX_CHARACTERS].strip()
    assert linked.notes == ("Cut to the first 2,000 of 7,999 characters.",)
    assert opened("task=mrpc&a=reader&text=x&second=%E2%80%AEgod%00%0Ax").session.second == "god x"


def test_a_value_that_is_no_text_is_refused() -> None:
    pairs = [("task", "common_gen"), ("a", ["plain"])]
    with pytest.raises(ValueError, match=r"^link, parameter 'a': "):
        session_of(pairs, KNOWN)  # type: ignore[arg-type]


def test_noise_in_a_link_is_refused_by_name_or_understood() -> None:
    random, query = Random(1), query_of(SESSIONS["turned"])
    refused, understood = [], 0
    for _ in range(3000):
        letters = list(query)
        for _ in range(random.randrange(1, 4)):
            letters[random.randrange(len(letters))] = random.choice("&=~.%+-0129aeblz\x00é")
        try:
            found = opened("".join(letters)).session
        except ValueError as error:
            refused.append(str(error))
        else:
            understood += opened(query_of(found)).session == found
    assert all(told.startswith("link, parameter '") for told in refused)
    assert 0 < understood == 3000 - len(refused) < 3000


def test_a_text_is_cut_and_cleaned_where_the_models_would() -> None:
    linked = opened(f"task=common_gen&a=plain&text={'dog ' * MAX_CHARACTERS}")
    assert len(linked.session.text) <= MAX_CHARACTERS
    assert linked.notes == ("Cut to the first 2,000 of 7,999 characters.",)
    assert opened("task=common_gen&a=plain&text=%E2%80%AEgod%00%0Ax").session.text == "god x"


@pytest.mark.parametrize("text", ["dog\ud800", "a\nb\tc", "  dog "])
def test_a_link_carries_the_text_as_a_model_reads_it(text: str) -> None:
    carried = opened(query_of(session(column(), text=text)))
    assert carried.session.text == {"dog\ud800": "dog", "a\nb\tc": "a b c", "  dog ": "dog"}[text]
    assert carried.notes == ()


def test_a_checkpoint_that_has_changed_is_told() -> None:
    linked = opened(f"task=common_gen&a=plain~{'0' * 16}&b=gated~{digits('gated')}")
    (note,) = linked.notes
    assert note.startswith('Column A: checkpoint "plain" is another than the link\'s')
    assert digits() in note
    assert [one.sha256 for one in linked.session.columns] == [KNOWN.find(n).sha256 for n in ("plain", "gated")]


def test_a_link_without_a_hash_is_followed_without_a_word() -> None:
    assert opened("task=common_gen&a=plain").notes == ()


def test_a_checkpoint_that_is_gone_takes_its_column_with_it() -> None:
    asked = session(column(), column("gated", TURNED), column("third"))
    linked = opened(query_of(asked), zoo(entry("plain"), entry("third")))
    assert linked.session.columns == (asked.columns[0], asked.columns[2])
    assert linked.notes == ("Column B: checkpoint 'gated' is not in this zoo; the column is left out.",)


def test_where_no_checkpoint_is_left_one_stands_in_and_the_text_is_kept() -> None:
    linked = opened(query_of(session(column("gated", TURNED))), zoo(entry("other", ("ag_news",)), entry("new")))
    assert [one.checkpoint for one in linked.session.columns] == ["new"]
    assert linked.session.columns[0].controls == Controls(seed=7)
    assert linked.session.text == "dog, ball, throw"
    assert len(linked.notes) == 2
    with pytest.raises(ValueError, match="parameter 'task': no checkpoint"):
        opened(query_of(session(column())), zoo(entry("other", ("ag_news",))))


def test_a_session_that_cannot_be_linked_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="seed: 7, 8"):
        session(column(), column(controls=Controls(seed=8)))
    with pytest.raises(ValueError, match="columns: 0"):
        session()
    with pytest.raises(ValueError, match="columns: 5"):
        session(*[column()] * 5)
    with pytest.raises(ValueError, match='tab "classify"'):
        Session("classify", "common_gen", "dog", (column(),), SAMPLED)
    with pytest.raises(ValueError, match="task mrpc: reads a pair of texts; give a second one, too"):
        Session("classify", "mrpc", "dog", (column("reader"),), Decoding(seed=7))
    with pytest.raises(ValueError, match="task common_gen: reads one text; leave the second one out"):
        Session("generate", "common_gen", "dog", (column(),), SAMPLED, "ball")
    with pytest.raises(ValueError, match="top k"):
        session(column(), decoding=Decoding(seed=7, top_k=1000))
    with pytest.raises(ValueError, match="gate bias"):
        column(controls=Controls(gate_bias=float("inf")))
    with pytest.raises(ValueError, match="sha256"):
        Column("plain", "none", Controls())


def test_a_checkpoint_that_has_not_learned_the_task_takes_its_column_with_it() -> None:
    """Such a board can be made: a column that cannot follow a task stays."""
    linked = opened(query_of(session(column(), column("reader"))))
    assert [one.checkpoint for one in linked.session.columns] == ["plain"]
    assert linked.notes == ('Column B: checkpoint "reader" has not learned task "common_gen"; the column is left out.',)
