// Draws props.value, the source's tokens as a memory reads them. What is forced is this browser's own: the server is
// told by `select` and never overwrites it for the same tokens. Text is only ever set as textContent.
const strip = element.querySelector(".source");
const head = element.querySelector(".source-head");
const column = element.querySelector(".live").dataset.column;
const VIOLET = [124, 58, 237], PALE = [231, 229, 240], AMBER = [217, 119, 6];
const NEXT = new Map([[null, 1], [1, 0], [0, null]]);
const NAMES = new Map([[null, "AS_LEARNED"], [1, "FORCED_LITERAL"], [0, "FORCED_LATENT"]]);
let forced = [], shown = "[]", brush;

function shade(gate) {
  const part = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
  return gate < 0.5 ? part(VIOLET, PALE, gate * 2) : part(PALE, AMBER, gate * 2 - 1);
}

function state(place) {
  return forced[place] ?? null;
}

function gateOf(gate, forced) {
  return `${window.HMUWord("GATE_IS", gate.toFixed(3))}, ${window.HMUWord(NAMES.get(forced))}`;
}

function pieces() {
  return Array.from(strip.querySelectorAll(".piece"));
}

function paint() {
  const { tokens, gates } = props.value;
  pieces().forEach((item, place) => {
    const gate = gates ? gates[place] : null;
    item.style.setProperty("--shade", gate === null ? "transparent" : `rgba(${shade(gate).join(",")},0.34)`);
    item.classList.toggle("literal", state(place) === 1);
    item.classList.toggle("latent", state(place) === 0);
    const told = gate === null ? window.HMUWord("NO_GATE_HERE") : gateOf(gate, state(place));
    item.setAttribute("aria-label", `${tokens[place].trim() || "␣"}: ${told}`);
    item.title = told;
  });
}

function tell() {
  props.value = { ...props.value, forced };
  paint();
  trigger("select", { forced });
}

function force(place, value) {
  while (forced.length < place) forced.push(null);
  forced[place] = value;
  forced = forced.some((gate) => gate !== null && gate !== undefined) ? forced : [];
}

function all(value) {
  forced = value === null ? [] : props.value.tokens.map(() => value);
  tell();
}

function button(text, value) {
  const item = document.createElement("button");
  item.type = "button";
  item.textContent = window.HMUSay(text);
  item.addEventListener("click", () => all(value));
  return item;
}

function ended() {
  const line = document.createElement("span");
  line.className = "line-end";
  return line;
}

function rebuild(value) {
  forced = (value.forced || []).slice();
  strip.replaceChildren(
    ...value.tokens.map((token, place) => {
      const item = document.createElement("button");
      item.type = "button";
      item.className = "piece";
      item.textContent = token.trim() || "␣";
      item.disabled = !value.gates;
      item.dataset.place = String(place);
      return item;
    }),
  );
  if (value.second) pieces()[value.second]?.before(ended());
  const label = document.createElement("span");
  label.textContent = window.HMUSay(value.label);
  head.replaceChildren(label);
  if (value.gates) head.append(button(value.words[0], 1), button(value.words[1], 0), button(value.words[2], null));
}

function draw() {
  const value = props.value;
  if (!value || !value.tokens) return;
  const now = JSON.stringify([value.tokens, Boolean(value.gates), value.second, value.label]);
  if (now !== shown) rebuild(value);
  shown = now;
  if (JSON.stringify(value.forced || []) !== JSON.stringify(forced)) props.value = { ...value, forced };
  paint();
}

function place(event) {
  const item = event.target.closest?.(".piece");
  return item && !item.disabled ? Number(item.dataset.place) : null;
}

strip.addEventListener("pointerdown", (event) => {
  const at = place(event);
  if (at === null) return;
  event.target.releasePointerCapture?.(event.pointerId);
  brush = NEXT.get(state(at));
  force(at, brush);
  paint();
});
strip.addEventListener("pointerover", (event) => {
  const at = place(event);
  if (brush === undefined || at === null || state(at) === brush) return;
  force(at, brush);
  paint();
});
window.addEventListener("pointerup", () => {
  if (brush === undefined) return;
  brush = undefined;
  tell();
});
strip.addEventListener("click", (event) => {
  const at = place(event);
  if (event.detail !== 0 || at === null) return; // a pointer has been served already; this is the keyboard
  force(at, NEXT.get(state(at)));
  tell();
});
window.addEventListener("hmu-attention", (event) => {
  if (event.detail.column !== column) return;
  const weights = event.detail.weights || [];
  const most = Math.max(...weights, 0.01);
  pieces().forEach((item, at) => {
    item.style.setProperty("--look", String((weights[at] || 0) / most));
  });
});
watch("value", draw);
window.HMUFollow(element, () => {
  shown = "";
  draw();
});
