"""The page's actions for programs: named endpoints with typed, documented arguments, and the tools of an MCP server.

Each action is a plain function of the desk; `ENDPOINTS` is all there is. What an argument means is said once, in
`arguments`; it is checked by the handlers' own rules. Answers are plain JSON.
"""

import gradio as gr

from app.api.endpoint import Action, offer
from app.api.links import link, open_link
from app.api.looking import card, checkpoints, classify_text, look_inside, recall
from app.api.scoring import score
from app.api.writing import generate, imagine, interpolate
from app.desk import Desk

ENDPOINTS: dict[Action, int] = {
    checkpoints: 8,
    card: 8,
    look_inside: 8,
    generate: 8,
    classify_text: 8,
    recall: 4,
    imagine: 4,
    interpolate: 4,
    score: 2,
    link: 8,
    open_link: 8,
}
"""Action → how many visitors it serves at once, as its tab does."""


def build(page: gr.Blocks, desk: Desk) -> None:
    """Add the endpoints to the page that is being built."""
    for action, visitors in ENDPOINTS.items():
        offer(page, desk, action, visitors)
