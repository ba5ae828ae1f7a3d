"""What a person may type: preserved where it is text, left out and said so where it is not."""

import pytest

from hmu.text import MAX_CHARACTERS, Admitted, admit

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000", "\x00\x07", "\u200d\u200f", "\u202e", "\ud800"])
def test_a_text_with_nothing_to_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^text: empty; write a few words"):
        admit(text)


@pytest.mark.parametrize(
    "text",
    [
        f"a family {FAMILY} at home",
        f"{ENGLAND} and ❤️ and 👍🏽",
        "\U0001fae8 is newer than some Pythons",
        "اَلسَّلَامُ عَلَيْكُمْ",
        "שָׁלוֹם\u200f, עולם",
        "می\u200cخواهم",
        '<b onclick="x()">&amp;</b> ${alert(1)} {{value}}',
        "a \ufffd that was there before",
    ],
)
def test_text_of_any_script_is_preserved_without_a_note(text: str) -> None:
    """Catches str.isprintable, which calls joiners, marks of direction and new emoji unprintable."""
    assert admit(text) == Admitted(text)


def test_line_breaks_and_tabs_become_spaces_without_a_note() -> None:
    assert admit(" one\r\ntwo\tthree\u2028four\u00a0five\n") == Admitted("one  two three four five")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\x9fb", "U+009F"),
        ("a\ud83db", "U+D83D"),
        ("a\ufffeb", "U+FFFE"),
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
    ],
)
def test_what_has_no_place_in_a_text_is_left_out_and_named(text: str, code: str) -> None:
    assert admit(text) == Admitted("ab", (f"Left out 1 control or direction characters ({code}).",))


def test_a_long_text_is_cut_and_said_so() -> None:
    assert admit("a" * 100_000) == Admitted("a" * MAX_CHARACTERS, ("Cut to the first 2,000 of 100,000 characters.",))


def test_spaces_before_a_text_do_not_count_towards_its_length() -> None:
    assert admit(" " * 100_000 + "words") == Admitted("words")


def test_an_admitted_text_can_be_written_as_utf8() -> None:
    everything = "x" + "".join(map(chr, range(0x11000)))
    assert admit(everything, limit=len(everything)).text.encode("utf-8")
