"""A finished run as files: JSON to replay and analyse, CSV of its tokens, a report that opens without a network.

Measures nothing and loads no model; knows nothing of the page. Prompts, tokens and titles are strangers' text: they
are data in every file, never markup, script or formula.
"""

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from string import Template

from app.cells import harmless
from app.handlers.asks import DECODING
from app.handlers.looking import Look
from app.handlers.writing import Written
from app.links import LETTERS, Session, query_of
from hmu import Controls, Step, find_task
from hmu.plots import BASELINE, MEMORY, Plot, attention_map, gate_bars, gate_heatmap, written_gates

FORMAT = "hmu-run-1"
CSV_HEAD = (
    *("column", "title", "checkpoint", "place", "token", "piece", "logprob", "entropy", "gate"),
    *("likeliest", "likeliest_probability", "attended", "attention"),
)
_TEMPLATE = (Path(__file__).parent / "report.html").read_text(encoding="utf-8")
_IN_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}
"""What could end a script or begin markup; the JSON is ASCII, so U+2028 and U+2029 are escapes already."""
_DASH = "–"
Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Run:
    """What a session wrote.

    Args:
        session: what was asked; its tab is "generate".
        titles: of each column, as people read it.
        written: of each column, as far as it came.

    Raises:
        ValueError: if there is not one title and one text for each column.
    """

    session: Session
    titles: tuple[str, ...]
    written: tuple[Written, ...]

    def __post_init__(self) -> None:
        counts = (len(self.session.columns), len(self.titles), len(self.written))
        if len(set(counts)) > 1:
            raise ValueError("run: {} columns, {} titles, {} texts; give one of each a column".format(*counts))


def run_json(run: Run, versions: Mapping[str, str]) -> str:
    """Everything that it takes to replay and to analyse a run, as one JSON object.

    Args:
        run: what was written.
        versions: of whatever may change the result, {name: version}.

    Returns:
        An object with `format`, `versions`, `query` (of a link that replays it), `session` and `columns`, one for each
        column: its settings, text, timings (seconds), and lists `source` and `tokens` (log-probability and entropy in
        nats, gates in [0, 1], attention over the source).
    """
    session = run.session
    asked = {"tab": session.tab, "task": session.task, "text": session.text, "decoding": asdict(session.decoding)}
    columns = []
    for column, title, written in zip(session.columns, run.titles, run.written, strict=True):
        measured = {
            "text": written.text,
            "done": written.done,
            "seconds_to_first_token": written.first_token,
            "seconds": written.seconds,
            "tokens_per_second": written.tokens_per_second,
            "mean_logprob": written.mean_logprob,
            "perplexity": written.perplexity,
            "notes": written.look.notes,
            "active_units": None if written.look.gate is None else written.look.gate.active,
            "source": [dict(zip(_SOURCE, row, strict=True)) for row in _source_rows(written.look)],
            "tokens": [asdict(step) for step in written.steps],
        }
        columns.append({"title": title} | asdict(column) | measured)
    whole = {"format": FORMAT, "versions": dict(versions), "query": query_of(session)}
    return _writable(json.dumps(whole | {"session": asked, "columns": columns}, indent=1, ensure_ascii=False) + "\n")


def tokens_csv(run: Run) -> str:
    """One row for each written token of each column, under `CSV_HEAD`; quoted cells are texts, bare ones numbers.

    `place` counts from 0; `attended` is the source piece that the token looked at most. A text that a spreadsheet
    might take for a formula has an apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(CSV_HEAD)
    for letter, column, title, written in zip(LETTERS, run.session.columns, run.titles, run.written, strict=False):
        for place, step in enumerate(written.steps):
            likeliest, best = step.alternatives[0], max(range(len(step.attention)), key=step.attention.__getitem__)
            texts = (letter.upper(), title, column.checkpoint)
            values = (place, step.token, step.piece, step.logprob, step.entropy, step.gate)
            others = (likeliest.piece, likeliest.probability, written.look.tokens[best], step.attention[best])
            writer.writerow([harmless(cell) for cell in texts + values + others])
    return _writable(file.getvalue())


def report_html(run: Run, link: str = "") -> str:
    """One HTML file with prompt, settings, texts, tables and plots; it asks the network for nothing.

    Only this file's own two scripts may run in it: its policy names them by their hashes.

    Args:
        run: what was written.
        link: where the run can be replayed; one that is not http or https is shown and leads nowhere.
    """
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - it takes a second, and most visits need no report

    drawn: list[Plot] = []
    columns = "".join(_column(*one, drawn) for one in zip(run.titles, run.written, strict=True))
    plotly = get_plotlyjs()
    scripts = [plotly, *re.findall(r"<script>([^$].*?)</script>", _TEMPLATE, re.DOTALL)]
    return _writable(
        Template(_TEMPLATE).substitute(
            policy=" ".join(f"'sha256-{base64.b64encode(_digest(script)).decode()}'" for script in scripts),
            task=escape(find_task(run.session.task).title),
            long=" long" if len(run.session.text) > 120 else "",
            prompt=escape(run.session.text),
            link=_link(link),
            notes="".join(f"<p class=quiet>{escape(note)}</p>" for note in _notes(run)),
            settings=_settings(run),
            columns=columns,
            plots=json.dumps(drawn, allow_nan=False).translate(_IN_SCRIPT),
            plotly=plotly,
        )
    )


_SOURCE = ("piece", "gate", "spread", "kl", "sigma")


def _source_rows(look: Look) -> Iterator[tuple[Cell, ...]]:
    """Each source token: piece, mean gate, its spread, KL (nats), σ; None for what its memory has not."""
    gate, none = look.gate, (None,) * len(look.tokens)
    values = () if gate is None else (gate.mean, gate.spread, gate.kl or none, gate.sigma or none)
    yield from zip(look.tokens, *(values or (none,) * 4), strict=True)


def _writable(text: str) -> str:
    """Without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _digest(script: str) -> bytes:
    return hashlib.sha256(script.encode()).digest()


def _notes(run: Run) -> Iterable[str]:
    """What was changed in the text before it was read, once each."""
    return dict.fromkeys(note for written in run.written for note in written.look.notes)


def _link(link: str) -> str:
    shown = escape(link)
    if link.startswith(("https://", "http://")):
        return f'<p class="link">Replay: <a href="{shown}" rel="noreferrer">{shown}</a></p>'
    return f'<p class="link">{shown}</p>' if link else ""


def _settings(run: Run) -> str:
    """What each column was set to, and what they share."""
    asked = [(one.controls, written.look) for one, written in zip(run.session.columns, run.written, strict=True)]
    rows = [
        ("checkpoint", *(column.checkpoint for column in run.session.columns)),
        ("sha256", *(column.sha256[:16] for column in run.session.columns)),
        ("gate bias δ", *(_signed(turned.gate_bias, "g") if look.gate else _DASH for turned, look in asked)),
        ("latent temperature τ", *(f"{turned.temperature:g}" if look.gate else _DASH for turned, look in asked)),
        ("forced gates", *(_forced(turned, look) if look.gate else _DASH for turned, look in asked)),
    ]
    shared = {"seed": run.session.decoding.seed} | {name: getattr(run.session.decoding, name) for name in DECODING}
    names = {name: name.replace("_", " ") for name in shared} | {"temperature": "decoding temperature"}
    facts = "".join(f"<div><dt>{names[name]}</dt><dd>{value:.6g}</dd></div>" for name, value in shared.items())
    return _table("Settings of each column", ("", *run.titles), rows) + f'<dl class="facts">{facts}</dl>'


def _forced(controls: Controls, look: Look) -> str:
    names = {1.0: "literal", 0.0: "latent"}
    forced = zip(look.tokens, controls.forced, strict=False)
    return ", ".join(f"{t.strip() or '␣'}: {names.get(g, g)}" for t, g in forced if g is not None) or "none"


def _column(title: str, written: Written, drawn: list[Plot]) -> str:
    """A column's text, plots and tables; its plots go to the end of `drawn`."""
    parts = [
        f'<section class="column {"memory" if written.look.gate else "baseline"}"><h2>{escape(title)}</h2>',
        f'<p class="written">{_coloured(written)}</p>',
        f'<p class="quiet">{_facts(written)}</p>',
    ]
    for plot, height in _plots(written):
        heading = plot["layout"].pop("title")["text"]  # as text of the page it wraps on a narrow one
        node = f'<div class="plot" data-plot="{len(drawn)}" role="img" aria-label="{heading}"'
        parts.append(f'<h3>{heading}</h3>{node} style="height:{height}px"></div>')
        drawn.append(plot)
    return "".join([*parts, *_tables(written), "</section>"])


def _plots(written: Written) -> Iterator[tuple[Plot, int]]:
    """Each plot with its height in pixels."""
    gate = written.look.gate
    if written.writing is not None:
        yield written_gates(written.writing), 300 if gate else 220
        count = len(written.look.tokens)
        yield attention_map(written.writing, MEMORY if gate else BASELINE, count), 110 + 17 * count
    if gate is not None:
        yield gate_bars(gate), 320
        yield gate_heatmap(gate), 260


def _coloured(written: Written) -> str:
    """The text, each token coloured by the gate it saw: the farther from ½, the stronger."""
    spans = []
    for place, step in enumerate(written.steps):
        piece = escape(step.piece if place else step.piece.lstrip())
        gate = 0.5 if step.gate is None else step.gate
        side, strength = "literal" if gate >= 0.5 else "latent", abs(2 * gate - 1)
        spans.append(f'<span class="{side}" style="--strength:{strength:.0%}">{piece}</span>')
    return "".join(spans)


def _facts(written: Written) -> str:
    if written.first_token is None or written.mean_logprob is None or written.perplexity is None:
        return "Nothing was written."
    return (
        f"{len(written.steps)} tokens · first after {written.first_token * 1000:.0f} ms · "
        f"{written.tokens_per_second:.0f} a second · mean log-prob. {_signed(written.mean_logprob, '.2f')} · "
        f"perplexity {written.perplexity:.2f}" + ("" if written.done else " · stopped before its end")
    )


def _signed(number: float, form: str) -> str:
    """A number with the minus sign that is as wide as a plus."""
    return format(number, form).replace("-", "−")


def _tables(written: Written) -> Iterator[str]:
    tokens = [(step.piece or "∎", step.logprob, step.entropy, step.gate, _others(step)) for step in written.steps]
    if tokens:
        yield _folded("Written tokens", ("token", "log-prob.", "entropy", "gate", "likeliest"), tokens)
    if written.look.gate is not None:
        yield _folded("Source tokens", ("token", "gate", "spread", "KL", "σ"), list(_source_rows(written.look)))


def _others(step: Step) -> str:
    return " · ".join(f"{other.piece.strip() or '␣'} {other.probability:.2f}" for other in step.alternatives)


def _folded(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    return f"<details><summary>{title}</summary>{_table(title, head, rows)}</details>"


def _table(label: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    columns = zip(*rows, strict=True)
    kinds = ["" if all(isinstance(cell, str) for cell in column) else ' class="number"' for column in columns]
    top = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(head, kinds, strict=True))
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    scroll = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
    return f"{scroll}<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(value: Cell) -> str:
    if value is None:
        return f'<td class="number">{_DASH}</td>'
    return f"<td>{escape(value)}</td>" if isinstance(value, str) else f'<td class="number">{_signed(value, ".3f")}</td>'
