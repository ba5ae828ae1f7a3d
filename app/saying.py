"""English sentences and their Spanish: what `words` is written in, and how a sentence is known again when it is met.

The server speaks English throughout: values, endpoints, exports, the texts of errors and warnings. A browser shows each
sentence that is in the table in its visitor's language, and whatever is not in it as it came; errors stay English.
Knows nothing of gradio or of what the sentences are about.
"""

import json
import re
from functools import cache
from string import Formatter

LINE, PART = "\n", " · "
"""Between sentences that are told together, and between the parts of a title: each is known by itself."""

_NUMBER = r"[-−+]?(?:[\d.,]+(?:e[-+]?\d+)?|inf|nan)%?"
_table: dict[str, str] = {}
Pattern = tuple[str, list[str | int]]
"""A regular expression, for Python and JavaScript alike, and what takes its place: texts, and numbers of groups."""


def say(english: str, spanish: str) -> str:
    """Put a sentence into the table.

    Args:
        english: a format string. A field with a format (`{rows:,}`) stands for a number; one with the conversion `!s`
            for words that are themselves in the table, as far as they are; any other for a text, which stays as it is.
        spanish: the same with the same fields, formats left out.

    Returns:
        The English.

    Raises:
        ValueError: if the fields are not the same, or the sentence is in the table with other Spanish.
    """
    if sorted(_fields(english)) != sorted(_fields(spanish)):
        raise ValueError(f"{english!r}: its Spanish has other fields, {spanish!r}; give it the same")
    if _table.setdefault(english, spanish) != spanish:
        raise ValueError(f"{english!r}: said twice, with other Spanish; use the one there is")
    _exact.cache_clear()
    _patterns.cache_clear()
    return english


def in_spanish(sentence: str) -> str | None:
    """A sentence, or several lines or parts, in Spanish; None if nothing of it is in the table.

    saying.js does the same in the browser.
    """
    if sentence in _exact():
        return _exact()[sentence]
    if LINE in sentence:
        return _joined(sentence, LINE, " ")
    for like, parts in _patterns():
        found = re.match(like, sentence)
        if found:
            return "".join(part if isinstance(part, str) else _group(found, part) for part in parts)
    return _joined(sentence, PART, PART) if PART in sentence else None


def table_json() -> str:
    """The table for saying.js: {exact: {English: Spanish}, like: patterns}; harmless inside a script element."""
    return _in_script({"exact": _exact(), "like": _patterns()})


def named_json(names: dict[str, str]) -> str:
    """Sentences by the names that scripts know them by; harmless inside a script element."""
    return _in_script(names)


def sentences() -> dict[str, str]:
    """The table as it was written: {English: Spanish}."""
    return dict(_table)


def _in_script(value: object) -> str:
    return json.dumps(value).replace("<", "\\u003c")


def _fields(sentence: str) -> list[str]:
    """The names of its fields, those without a name by their number."""
    names = [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]
    return [name or str(place) for place, name in enumerate(names)]


@cache
def _exact() -> dict[str, str]:
    """Sentences without fields, their doubled braces undone."""
    return {english.format(): spanish.format() for english, spanish in _table.items() if not _fields(english)}


@cache
def _patterns() -> list[Pattern]:
    """Sentences with fields, those with the most text of their own first."""
    made = [_pattern(english, spanish) for english, spanish in _table.items() if _fields(english)]
    return sorted(made, key=lambda pattern: -len(re.sub(r"\(.*?\)", "", pattern[0])))


def _pattern(english: str, spanish: str) -> Pattern:
    like, groups = "", dict[str, int]()
    for text, name, form, kind in Formatter().parse(english):
        like += re.escape(text)
        if name is not None:
            place = len(groups) + 1
            groups[name or str(place - 1)] = -place if kind == "s" else place
            like += f"({_NUMBER if form else '.+?'})"
    parts: list[str | int] = []
    for text, name, _, _ in Formatter().parse(spanish):
        parts.append(text)
        if name is not None:
            unnamed = str(sum(isinstance(part, int) for part in parts))
            parts.append(groups[name or unnamed])
    return f"^{like}$", [part for part in parts if part != ""]


def _joined(sentence: str, between: str, glue: str) -> str | None:
    found = [(one, in_spanish(one)) for one in sentence.split(between)]
    told = [one if spanish is None else spanish for one, spanish in found]
    return glue.join(told) if any(spanish for _, spanish in found) else None


def _group(found: re.Match[str], place: int) -> str:
    """A field's text: words in Spanish, a number without commas between its thousands, anything else as it is."""
    text = str(found[abs(place)])
    if place < 0:
        return in_spanish(text) or text
    return text.replace(",", "\u202f") if re.fullmatch(r"\d{1,3}(,\d{3})+", text) else text
