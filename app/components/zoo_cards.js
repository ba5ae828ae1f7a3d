// Draws props.value, a card for each checkpoint. A button's `select` says which action on which; the server checks both.
// Text is only ever set as textContent.
const grid = element.querySelector(".zoo-grid"), sum = element.querySelector(".zoo-sum");
const drawn = new Map(), busy = new Map(), said = new Map();
let stamp = null;

function make(tag, name, ...inside) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...inside);
  return node;
}

function hash(card) {
  const button = make("button", "zoo-hash", `${card.sha256.slice(0, 12)}…`);
  button.type = "button";
  button.title = card.sha256;
  button.setAttribute("aria-label", `sha256 ${card.sha256}: ${window.HMUSay(props.value.words.copy)}`);
  button.addEventListener("click", async () => {
    button.textContent = card.sha256; // whole, so that it can be selected where the clipboard is closed to the page
    try {
      await navigator.clipboard.writeText(card.sha256);
      button.dataset.copied = window.HMUSay(props.value.words.copied);
    } catch {
      delete button.dataset.copied;
    }
  });
  return button;
}

function listed(names) {
  return [names].flat().map(window.HMUSay).join(", ");
}

function facts(card) {
  const list = make("dl", "zoo-facts");
  card.facts.forEach(([name, fact]) => list.append(make("dt", "", window.HMUSay(name)), make("dd", "", listed(fact))));
  list.append(make("dt", "", "sha256"), make("dd", "", hash(card)));
  return list;
}

function table(caption, rows) {
  const body = make("tbody", "");
  let before = null;
  rows.forEach(([group, metric, value]) => {
    if (JSON.stringify(group) !== before) {
      const head = make("th", "zoo-group", listed(group));
      head.colSpan = 2;
      head.scope = "rowgroup";
      body.append(make("tr", "", head));
    }
    before = JSON.stringify(group);
    const head = make("th", "", window.HMUSay(metric));
    head.scope = "row";
    body.append(make("tr", "", head, make("td", "", value)));
  });
  return make("table", "zoo-figures", make("caption", "", window.HMUSay(caption)), body);
}

function figures(card) {
  const words = props.value.words;
  if (!card.figures.length) return [make("p", "zoo-none", window.HMUSay(words.none))];
  const parts = [table(words.figures, card.figures)];
  if (card.others.length) {
    const more = make("details", "zoo-more", make("summary", "", window.HMUSay(words.more)), table(words.more, card.others));
    more.open = Boolean(drawn.get(card.id)?.node.querySelector("details")?.open);
    parts.push(more);
  }
  return parts;
}

function foot(card) {
  const words = props.value.words, at = busy.get(card.id), action = card.loaded ? "unload" : "load";
  const told = make("p", "zoo-said", said.get(card.id) || "");
  told.setAttribute("role", "alert");
  if (!props.value.turns) return [];
  const button = make("button", "zoo-act", window.HMUSay(at ? words.doing[at] : words[action]));
  button.type = "button";
  button.setAttribute("aria-label", `${button.textContent} ${card.id}`);
  button.setAttribute("aria-disabled", String(Boolean(at))); // not disabled: a disabled button would lose the focus
  button.addEventListener("click", () => {
    if (busy.has(card.id)) return;
    busy.set(card.id, action);
    said.delete(card.id);
    draw();
    trigger("select", { action, id: card.id });
  });
  return [make("footer", "", told, button)];
}

function build(card) {
  const at = busy.get(card.id);
  const title = make("h2", "", window.HMUSay(card.title));
  title.id = `zoo-title-${card.id}`;
  const state = make("p", "zoo-state", window.HMUSay(at ? props.value.words.doing[at] : card.state));
  state.setAttribute("role", "status");
  const head = make("header", "", make("div", "", title, make("code", "", card.id)), make("span", "zoo-kind", window.HMUSay(card.kind)));
  const node = make("div", `zoo-card ${card.gated ? "memory" : "baseline"}`, head, state, facts(card));
  node.append(...figures(card), ...foot(card));
  node.dataset.id = card.id;
  node.dataset.loaded = String(card.loaded);
  node.classList.toggle("loaded", card.loaded);
  node.setAttribute("role", "listitem");
  node.setAttribute("aria-labelledby", title.id);
  node.setAttribute("aria-busy", String(Boolean(at)));
  return node;
}

function draw() {
  const value = props.value;
  if (!value || !value.cards) return;
  if (value.stamp !== stamp) {
    stamp = value.stamp;
    value.done.forEach((id) => busy.delete(id));
    Object.entries(value.said).forEach(([id, text]) => said.set(id, text));
  }
  sum.textContent = window.HMUSay(value.sum);
  value.cards.forEach((card, place) => {
    const now = JSON.stringify([card, value.turns, busy.get(card.id) || "", said.get(card.id) || ""]);
    const old = drawn.get(card.id);
    if (old?.now === now) return;
    const node = build(card);
    const held = old?.node.contains(document.activeElement);
    if (old) old.node.replaceWith(node);
    else grid.insertBefore(node, grid.children[place] || null);
    drawn.set(card.id, { now, node });
    if (held) node.querySelector(".zoo-act")?.focus({ preventScroll: true });
  });
}

watch("value", draw);
window.HMUFollow(element, () => {
  drawn.forEach(({ node }) => node.remove());
  drawn.clear();
  draw();
});
