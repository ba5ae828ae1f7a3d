// A walk in a few steps: a card beside a part of the page, which it rings and never covers; the page stays in use.
// Its sentences come with props.value; text is only ever set as textContent.
const KEY = "hmu-walk", LINKED = ["task", "text", "a"], GAP = 14, EDGE = 8;
const find = (name) => element.querySelector(name);
const card = find(".walk"), rings = find(".walk-rings"), start = find(".walk-start");
const [next, back, skip] = ["next", "back", "skip"].map((name) => find(`.walk-${name}`));
let at = null;

function visited() {
  try {
    return window.localStorage.getItem(KEY) !== null;
  } catch {
    return false; // a browser that keeps nothing is new here every time
  }
}

function remember() {
  try {
    window.localStorage.setItem(KEY, "seen");
  } catch {
    return;
  }
}

function parts(step) {
  const shows = (node) => node.offsetParent && node.getBoundingClientRect().width;
  const of = (selector) => Array.from(document.querySelectorAll(selector)).find(shows);
  return props.value.steps[step].at.map(of).filter(Boolean);
}

function around(boxes) {
  const edge = (name, most) => most(...boxes.map((box) => box[name]));
  return {
    top: edge("top", Math.min),
    bottom: edge("bottom", Math.max),
    left: edge("left", Math.min),
    right: edge("right", Math.max),
  };
}

function move(node, left, top) {
  const home = node.offsetParent?.getBoundingClientRect() || { left: 0, top: 0 };
  node.style.left = `${left - home.left}px`;
  node.style.top = `${top - home.top}px`;
}

function ring(box) {
  const made = document.createElement("i");
  rings.append(made);
  made.style.width = `${box.right - box.left + 8}px`;
  made.style.height = `${box.bottom - box.top + 8}px`;
  move(made, box.left - 4, box.top - 4);
}

function place() {
  if (at === null || at < 0) return null;
  const boxes = parts(at).map((part) => part.getBoundingClientRect());
  card.classList.toggle("away", !boxes.length);
  rings.replaceChildren();
  if (!boxes.length) return null;
  boxes.forEach(ring);
  const all = around(boxes), last = boxes.at(-1), middle = (last.left + last.right) / 2;
  const most = document.documentElement.clientWidth - card.offsetWidth - EDGE;
  const left = Math.max(EDGE, Math.min(middle - card.offsetWidth / 2, most));
  move(card, left, all.bottom + GAP);
  const reach = card.offsetWidth - 22;
  card.style.setProperty("--arrow", `${Math.max(22, Math.min(middle - left, reach))}px`);
  return around([all, card.getBoundingClientRect()]);
}

function show(step, focus) {
  const { steps, of, done, next: further } = props.value;
  at = step;
  card.hidden = false;
  find(".walk-count").textContent = window.HMUSay(of.replace(/\{.*?\}/, step + 1).replace(/\{.*?\}/, steps.length));
  find(".walk-title").textContent = window.HMUSay(steps[step].title);
  find(".walk-text").textContent = window.HMUSay(steps[step].text);
  next.textContent = window.HMUSay(step === steps.length - 1 ? done : further);
  back.hidden = step === 0;
  skip.hidden = step === steps.length - 1;
  const box = place();
  if (focus) next.focus({ preventScroll: true });
  if (!box || (box.top >= EDGE && box.bottom <= window.innerHeight - EDGE)) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = Math.max((box.top + box.bottom - window.innerHeight) / 2, box.bottom - window.innerHeight + EDGE);
  window.scrollBy({ top, behavior: still ? "instant" : "smooth" });
}

function close() {
  const held = card.contains(document.activeElement);
  at = null;
  card.hidden = true;
  rings.replaceChildren();
  if (held) start.focus();
}

function go(by) {
  let step = at + by;
  while (step >= 0 && step < props.value.steps.length && !parts(step).length) step += by;
  if (step >= props.value.steps.length) close();
  else if (step >= 0) show(step, true);
}

function begin(focus) {
  remember();
  at = -1;
  if (focus) document.querySelector("button[role=tab]")?.click(); // what it points at stands on the first tab
  setTimeout(() => at === -1 && (focus ? go(1) : show(0)), focus ? 150 : 0);
}

function greet(tries) {
  if (!props.value || at !== null || tries === 0) return;
  if (document.readyState === "complete" && parts(0).length && document.querySelector(".piece")) begin(false);
  else setTimeout(greet, 150, tries - 1);
}

function draw() {
  if (!props.value) return;
  [start, back, skip].forEach((button, place) => {
    button.textContent = window.HMUSay(props.value[["start", "back", "skip"][place]]);
  });
  if (at !== null && at >= 0) show(at);
}

start.addEventListener("click", () => begin(true));
next.addEventListener("click", () => go(1));
back.addEventListener("click", () => go(-1));
skip.addEventListener("click", close);
window.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || at === null) return;
    event.stopImmediatePropagation(); // the next Esc stops a run
    close();
  },
  true,
);
window.addEventListener("resize", place);
new ResizeObserver(place).observe(document.body);
watch("value", draw);
window.HMUFollow(element, draw);
const query = new URLSearchParams(window.location.search);
if (!visited() && !LINKED.some((name) => query.has(name))) greet(200);
