"""Gradio's own components in the visitor's language: every sentence of a built page that has Spanish is marked.

A mark names a sentence; Gradio's frontend puts the visitor's words in its place, and others when the language turns.
Knows no sentence: what is not in the table stays as it is.
"""

from collections.abc import Iterable

import gradio as gr

from app.saying import in_spanish

_MARK = "__i18n__"
_SHOWN = ("label", "info", "placeholder")
_OURS = "\u2060"
"""Ends each key, unseen: a name in a visitor's file that happens to be one of our sentences is no key."""


def marked(sentence: str) -> str:
    """A sentence as a component's label, info, placeholder or choice may hold it; one without Spanish as it is."""
    return sentence if in_spanish(sentence) is None else str(gr.I18n()(sentence + _OURS))


def mark(page: gr.Blocks, others: Iterable[str] = ()) -> gr.I18n:
    """Mark what a built page shows at first.

    Args:
        page: built, not launched.
        others: sentences that an event may bring later, marked.

    Returns:
        The words of both languages, for `launch`.
    """
    told = set(others)

    def seen(text: object) -> object:
        if not isinstance(text, str) or _MARK in text or marked(text) == text:
            return text
        told.add(text)
        return marked(text)

    for part in page.blocks.values():
        values = ("value",) if isinstance(part, gr.Button | gr.Markdown) else ()
        for name in (*_SHOWN, *values):
            if isinstance(getattr(part, name, None), str):
                setattr(part, name, seen(getattr(part, name)))
        if isinstance(part, gr.Dropdown | gr.Radio):
            part.choices = [(str(seen(name)), value) for name, value in part.choices]
    english = {sentence + _OURS: sentence for sentence in sorted(told)}
    return gr.I18n(en=english, es={key: in_spanish(sentence) or sentence for key, sentence in english.items()})
