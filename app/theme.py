"""How the page looks: system fonts (nothing is fetched), violet for the memory, quiet greys for the rest."""

from pathlib import Path

import gradio as gr

_SYSTEM = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
CSS = (Path(__file__).parent / "components" / "style.css").read_text(encoding="utf-8")


def theme() -> gr.themes.Base:
    """The page's theme."""
    return gr.themes.Soft(
        primary_hue="violet",
        secondary_hue="amber",
        neutral_hue="slate",
        font=_SYSTEM,
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
        radius_size="md",
    ).set(body_text_color_subdued="*neutral_500")
