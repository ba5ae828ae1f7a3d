// Draws props.value, one column as far as it is written. Text is only ever set as textContent.
const strip = element.querySelector(".strip");
const tip = element.querySelector(".tip");
const column = element.querySelector(".live").dataset.column;
const VIOLET = [124, 58, 237], PALE = [231, 229, 240], AMBER = [217, 119, 6], TEAL = [15, 118, 110];
const WORD = /[\p{L}\p{N}]+/gu;
let shown = [], pinned = null, stood = null;

function mix(a, b, t) {
  return a.map((x, i) => Math.round(x + (b[i] - x) * t));
}

function shade(token) {
  if (token.gate === null) return [TEAL, 0.06 + 0.3 * token.probability];
  const rgb = token.gate < 0.5 ? mix(VIOLET, PALE, token.gate * 2) : mix(PALE, AMBER, token.gate * 2 - 1);
  return [rgb, 0.38];
}

function span(token, index) {
  const item = document.createElement("span");
  item.className = "token";
  item.tabIndex = 0;
  item.dataset.index = String(index);
  item.textContent = token.piece;
  const [rgb, alpha] = shade(token);
  item.style.setProperty("--shade", `rgba(${rgb.join(",")},${alpha})`);
  item.setAttribute("aria-label", `${token.piece.trim()}, ${facts(token)}`);
  item.setAttribute("role", "button");
  return item;
}

function facts(token) {
  const gate = token.gate === null ? [] : [window.HMUWord("GATE_IS", token.gate.toFixed(3))];
  return [window.HMUWord("PROBABILITY_IS", token.probability.toFixed(3)), ...gate].join(", ");
}

function line(token, [name, probability, id]) {
  const chosen = id === token.token;
  const row = document.createElement("button");
  row.type = "button";
  row.className = chosen ? "alternative chosen" : "alternative";
  const text = document.createElement("span");
  text.textContent = name.trim() || "␣";
  const bar = document.createElement("i");
  bar.style.width = `${Math.max(2, probability * 100)}px`;
  const number = document.createElement("b");
  number.textContent = probability.toFixed(3);
  row.append(text, bar, number);
  row.addEventListener("click", () => {
    close();
    trigger("select", { begun: [...props.value.ids.slice(0, token.place), id] });
  });
  return row;
}

function look(weights) {
  window.dispatchEvent(new CustomEvent("hmu-attention", { detail: { column, weights } }));
}

function tell(item) {
  const token = shown[Number(item.dataset.index)];
  if (!token) return;
  const title = document.createElement("div");
  title.className = "tip-title";
  title.textContent = `“${token.piece.trim()}” ${facts(token)}`;
  const hint = document.createElement("div");
  hint.className = "tip-hint";
  hint.textContent = window.HMUSay(props.value.hint);
  tip.replaceChildren(title, ...token.alternatives.map((other) => line(token, other)), hint);
  tip.hidden = false;
  tip.classList.toggle("pinned", pinned === item);
  const box = element.getBoundingClientRect(), at = item.getBoundingClientRect();
  tip.style.top = `${at.bottom - box.top + 6}px`;
  tip.style.left = `${Math.max(0, Math.min(at.left - box.left, box.width - tip.offsetWidth - 8))}px`;
  look(token.attention);
}

function close() {
  pinned = null;
  tip.hidden = true;
  look(null);
}

function escape() {
  const back = tip.contains(document.activeElement) ? pinned : null;
  close();
  back?.focus();
  close(); // the focus would have opened it again
}

function compare() {
  // Words that the other columns do not have at all are marked, in every column that is shown.
  const all = (window.HMUColumns = window.HMUColumns || new Map());
  all.set(column, strip);
  const live = Array.from(all.values()).filter((one) => one.isConnected && one.offsetParent && one.textContent.trim());
  const words = (text) => text.toLowerCase().match(WORD) || [];
  live.forEach((one) => {
    const others = live.filter((other) => other !== one).map((other) => new Set(words(other.textContent)));
    const items = Array.from(one.querySelectorAll(".token"));
    const differs = (word) => others.some((set) => !set.has(word.toLowerCase()));
    const marked = Array.from(one.textContent.matchAll(WORD)).filter((found) => differs(found[0]));
    let from = 0;
    items.forEach((item) => {
      const to = from + item.textContent.length;
      const touches = marked.some((found) => found.index < to && found.index + found[0].length > from);
      item.classList.toggle("differs", touches);
      from = to;
    });
  });
}

function draw() {
  const value = props.value;
  if (!value) return;
  element.querySelector(".strip-title").textContent = window.HMUSay(value.title);
  element.querySelector(".strip-facts").textContent = window.HMUSay(value.facts);
  element.querySelector(".strip-note").textContent = window.HMUSay(value.note);
  strip.setAttribute("aria-busy", String(Boolean(value.busy)));
  const tokens = value.tokens || [];
  const kept = tokens.length >= shown.length && shown.every((t, i) => t.piece === tokens[i].piece && t.gate === tokens[i].gate && t.probability === tokens[i].probability);
  if (!kept || !tokens.length) {
    strip.replaceChildren();
    close();
  }
  const from = kept ? shown.length : 0;
  shown = tokens;
  if (!tokens.length) {
    stood = "";
    const waiting = document.createElement("span");
    waiting.className = "waiting";
    waiting.textContent = window.HMUSay(value.waiting);
    strip.append(waiting);
    return;
  }
  strip.querySelector(".waiting")?.remove();
  tokens.slice(from).forEach((token, i) => strip.append(span(token, from + i)));
  hear(value);
  compare();
}

function hear(value) {
  // A text is told once, when it stands; a run may do without a frame that is busy, so its facts are looked at too.
  const stands = value.busy ? "" : value.facts + strip.textContent;
  if (stands && stood !== null && stands !== stood)
    element.querySelector(".heard").textContent = `${window.HMUSay(value.title)}: ${strip.textContent.trim()}`;
  stood = stands;
}

const token = (event) => event.target.closest?.(".token");
strip.addEventListener("pointerover", (event) => !pinned && token(event) && tell(token(event)));
strip.addEventListener("focusin", (event) => !pinned && token(event) && tell(token(event)));
strip.addEventListener("click", (event) => {
  if (!token(event)) return;
  pinned = pinned === token(event) ? null : token(event);
  tell(token(event));
});
strip.addEventListener("keydown", (event) => {
  if (!token(event) || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  pinned = token(event);
  tell(pinned);
  tip.querySelector(".alternative")?.focus();
});
element.addEventListener("pointerleave", () => !pinned && close());
strip.addEventListener("focusout", (event) => !pinned && !tip.contains(event.relatedTarget) && close());
document.addEventListener("keydown", (event) => event.key === "Escape" && !tip.hidden && escape());
document.addEventListener("pointerdown", (event) => pinned && !element.contains(event.target) && close());
watch("value", draw);
window.HMUFollow(element, () => {
  shown = [];
  strip.replaceChildren();
  close();
  draw();
});
