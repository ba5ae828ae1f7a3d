// Draws props.value, a plotly figure, into one node for good. Colours of text follow the page's theme.
const node = element.querySelector(".live-plot");

function draw() {
  const figure = props.value;
  const empty = Boolean(figure && figure.empty);
  node.style.height = empty ? "auto" : `${node.dataset.height}px`;
  if (empty) {
    if (node.data) window.HMUPlotly.purge(node);
    node.textContent = figure.empty;
  }
  node.classList.toggle("empty", empty);
  if (!figure || !figure.data) return;
  if (!window.HMUPlotly) {
    setTimeout(draw, 60);
    return;
  }
  if (!node.data) node.textContent = "";
  const text = getComputedStyle(element).getPropertyValue("--body-text-color").trim() || "#111";
  const layout = Object.assign({}, figure.layout, {
    autosize: true,
    font: { color: text, family: "system-ui, sans-serif", size: 12 },
  });
  window.HMUPlotly.react(node, figure.data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
  node.dataset.draws = String(Number(node.dataset.draws || 0) + 1);
}

watch("value", draw);
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["class"] });
new ResizeObserver(() => {
  if (node.data && node.clientWidth) window.HMUPlotly.Plots.resize(node);
}).observe(node);
draw();
