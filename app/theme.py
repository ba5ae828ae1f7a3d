"""How the page looks: system fonts (nothing is fetched), violet for the memory, quiet greys for the rest."""

from pathlib import Path

import gradio as gr

_SYSTEM = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
CSS = (Path(__file__).parent / "components" / "style.css").read_text(encoding="utf-8")

_QUIET = {
    "body_background_fill": "*neutral_100",
    "block_background_fill_dark": "*neutral_900",
    "block_border_width": "1px",
    "block_border_color": "*border_color_primary",
    "block_shadow": "none",
    "block_title_background_fill": "none",
    "block_title_background_fill_dark": "none",
    "block_title_padding": "0",
    "block_title_text_color": "*body_text_color",
    "block_title_text_color_dark": "*body_text_color",
    "block_label_background_fill": "none",
    "block_label_background_fill_dark": "none",
    "block_label_text_color": "*body_text_color",
    "block_label_text_color_dark": "*body_text_color",
    "input_shadow": "none",
    "button_primary_shadow": "none",
    "button_secondary_shadow": "none",
    "button_secondary_border_color": "*neutral_300",
    "button_secondary_border_color_dark": "*neutral_500",
}
"""Labels are plain text: violet is for the memory and for what can be pressed."""
_READABLE = {
    "body_text_color_subdued": "*neutral_600",
    "body_text_color_subdued_dark": "*neutral_300",
    "block_info_text_color": "*neutral_600",
    "block_info_text_color_dark": "*neutral_300",
    "input_border_color": "*neutral_400",
    "input_border_color_dark": "*neutral_500",
    "input_border_width": "1px",
    "checkbox_label_background_fill_selected": "*primary_600",
    "checkbox_border_color": "*neutral_500",
    "checkbox_border_color_dark": "*neutral_400",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_dark": "*primary_600",
    "button_primary_background_fill_hover_dark": "*primary_700",
    "button_secondary_background_fill_hover_dark": "*neutral_600",
    "slider_color": "*primary_600",
    "slider_color_dark": "*primary_400",
    "link_text_color": "*primary_700",
    "link_text_color_dark": "*primary_300",
    "link_text_color_hover": "*primary_800",
    "link_text_color_hover_dark": "*primary_200",
    "link_text_color_visited": "*primary_700",
    "link_text_color_visited_dark": "*primary_300",
}
"""Text at 4.5 : 1 at least on what it stands on, borders of what can be turned at 3 : 1 where Gradio lets them be."""


def theme() -> gr.themes.Base:
    """The page's theme."""
    return gr.themes.Soft(
        primary_hue="violet",
        secondary_hue="amber",
        neutral_hue="slate",
        font=_SYSTEM,
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "monospace"],
        radius_size="md",
    ).set(**_QUIET, **_READABLE)
