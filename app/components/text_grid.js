// Draws props.value, several texts as cells; equal texts wear the same mark. Text is only ever set as textContent.
const grid = element.querySelector(".grid");
const TURN = 137.5, FIRST = 295; // golden angle: neighbours in the alphabet are far apart in colour
let shown = [];

function part(tag, name, text) {
  const item = document.createElement(tag);
  item.className = name;
  item.textContent = text;
  return item;
}

function letter(mark) {
  return String.fromCharCode(65 + mark);
}

function cell(one) {
  const item = document.createElement("li");
  item.className = one.share === null ? "cell" : "cell between";
  item.style.setProperty("--hue", String((FIRST + TURN * one.mark) % 360));
  if (one.share !== null) item.style.setProperty("--share", `${(one.share * 100).toFixed(1)}%`);
  const head = part("div", "cell-head", "");
  const mark = part("b", "mark", letter(one.mark));
  mark.setAttribute("aria-label", window.HMUWord("TEXT_MARK", letter(one.mark)));
  head.append(mark);
  if (one.share !== null) head.append(part("span", "share", one.share.toFixed(2)));
  if (one.label) {
    const label = part("span", "cell-label", one.label);
    label.title = one.label;
    head.append(label);
  }
  item.append(head, part("p", one.text ? "cell-text" : "cell-text none", one.text || window.HMUSay(props.value.nothing)));
  return item;
}

function fact([value, name, told]) {
  const item = part("div", "fact", "");
  item.title = window.HMUSay(told);
  item.append(part("dt", "", window.HMUSay(name)), part("dd", "", window.HMUSay(value)));
  return item;
}

function draw() {
  const value = props.value;
  if (!value) return;
  element.querySelector(".strip-title").textContent = window.HMUSay(value.title);
  element.querySelector(".strip-note").textContent = window.HMUSay(value.note);
  element.querySelector(".facts").replaceChildren(...value.facts.map(fact));
  grid.setAttribute("aria-busy", String(value.busy));
  const now = value.cells.map((one) => JSON.stringify(one));
  const kept = now.findIndex((one, place) => one !== shown[place]);
  const from = kept < 0 ? Math.min(now.length, shown.length) : kept;
  while (grid.children.length > from) grid.lastChild.remove();
  grid.append(...value.cells.slice(from).map(cell));
  shown = now;
  const missing = value.busy ? value.total - now.length : 0;
  for (let place = 0; place < missing; place += 1) grid.append(part("li", "cell pending", "…"));
  if (!grid.children.length) grid.append(part("li", "waiting", value.busy ? "…" : window.HMUSay(value.waiting)));
}

watch("value", draw);
window.HMUFollow(element, () => {
  shown = [];
  grid.replaceChildren();
  draw();
});
