// Draws props.value, a plotly figure as JSON, into one node for good. Colours of text follow the page's theme.
const node = element.querySelector(".live-plot");
const english = node.getAttribute("aria-label"), MOST_TOLD = 40;

function hover(template) {
  const [text, ...more] = template.split("<extra");
  return [window.HMUSay(text), ...more].join("<extra");
}

function titled(part) {
  return part?.title?.text ? { ...part, title: { ...part.title, text: window.HMUSay(part.title.text) } } : part;
}

function trace(one) {
  const told = { ...one, x: one.x.map(window.HMUSay), hovertemplate: hover(one.hovertemplate) };
  if (one.y) told.y = one.y.map(window.HMUSay);
  if (one.name) told.name = window.HMUSay(one.name);
  if (one.colorbar) told.colorbar = { ...one.colorbar, ticktext: one.colorbar.ticktext.map(window.HMUSay) };
  return told;
}

function said(figure) {
  // The same figure in the visitor's language; labels of tokens are no words of ours and stay.
  if (!figure) return figure;
  if (!figure.data) return { ...figure, empty: window.HMUSay(figure.empty) };
  const parts = Object.entries(titled(figure.layout)).map(([name, part]) => [name, titled(part)]);
  return { ...figure, data: figure.data.map(trace), layout: Object.fromEntries(parts) };
}

function points(trace, axis) {
  const names = axis?.ticktext || [];
  const name = (at) => names[at] ?? at;
  if (trace.type !== "heatmap") return trace.x.map((at, place) => `${name(at)} ${trace.y[place]}`);
  const counts = trace.texttemplate ? trace.text : null;
  return counts ? trace.y.map((row, place) => `${row}: ${counts[place].join(" ")}`) : [];
}

function plain(label) {
  // Labels are written for plotly, which reads them as markup.
  return new DOMParser().parseFromString(label, "text/html").documentElement.textContent;
}

function told(figure) {
  // What a plot shows, for who hears it: its title, and each trace's points where they are few enough to listen to.
  const label = window.HMUSay(english);
  if (!figure.data) return [label, figure.empty].filter(Boolean).join(": ");
  const { layout, data } = figure, rows = Object.keys(layout).filter((key) => key.startsWith("yaxis"));
  const traces = data.map((trace, place) => {
    const all = points(trace, layout.xaxis);
    const step = Math.ceil(all.length / MOST_TOLD) || 1;
    const name = trace.name || layout[rows[place]]?.title?.text || "";
    return [name, all.filter((_, at) => at % step === 0).join(", ")].filter(Boolean).join(": ");
  });
  return plain([label, layout.title?.text, ...traces].filter(Boolean).join(". "));
}

function draw() {
  const figure = said(JSON.parse(props.value || null));
  const empty = Boolean(figure && figure.empty);
  node.style.height = empty ? "auto" : `${node.dataset.height}px`;
  if (empty) {
    if (node.data) window.HMUPlotly.purge(node);
    node.textContent = figure.empty;
  }
  node.classList.toggle("empty", empty);
  node.setAttribute("aria-label", figure ? told(figure) : window.HMUSay(english));
  if (!figure || !figure.data) return;
  if (!window.HMUPlotly) {
    setTimeout(draw, 60);
    return;
  }
  if (!node.data) node.textContent = "";
  const text = getComputedStyle(element).getPropertyValue("--body-text-color").trim() || "#111";
  const layout = Object.assign({}, figure.layout, {
    autosize: true,
    title: { ...figure.layout.title, font: { size: window.innerWidth < 480 ? 12 : 14 } },
    font: { color: text, family: "system-ui, sans-serif", size: 12 },
  });
  window.HMUPlotly.react(node, figure.data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
  node.dataset.draws = String(Number(node.dataset.draws || 0) + 1);
}

let due = false, free = 0;

function soon() {
  // While figures come faster than they can be drawn, only the newest is, and drawing leaves the page most of its time.
  if (due) return;
  due = true;
  node.dataset.due = "";
  const later = () => {
    const begun = performance.now();
    due = false;
    delete node.dataset.due;
    draw();
    free = performance.now() + 2 * (performance.now() - begun);
  };
  setTimeout(() => requestAnimationFrame(later), Math.max(0, free - performance.now()));
}

watch("value", soon);
new MutationObserver(soon).observe(document.body, { attributes: true, attributeFilter: ["class"] });
new ResizeObserver(() => {
  if (node.data && node.clientWidth) window.HMUPlotly.Plots.resize(node);
}).observe(node);
window.HMUFollow(element, draw);
