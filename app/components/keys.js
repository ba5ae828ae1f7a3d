// Ctrl+Enter (or ⌘+Enter) presses the Run that is nearest to where the visitor is, Esc every Stop that shows.
const KEYS_RUN = "#run, [id$='-run']", KEYS_STOP = "#stop, [id$='-stop'], #data-cancel";

function nearest(buttons) {
  for (let node = document.activeElement || document.body; node; node = node.parentElement) {
    const found = buttons.find((button) => node.contains(button));
    if (found) return [found];
  }
  return buttons.slice(0, 1);
}

function press(buttons) {
  buttons.forEach((button) => button.click());
}

// While capturing: an Esc that closes a list of choices is told from one that stops before the list is closed.
document.addEventListener(
  "keydown",
  (event) => {
    const runs = event.key === "Enter" && (event.ctrlKey || event.metaKey), held = document.activeElement;
    const chooses = held?.getAttribute("aria-expanded") === "true";
    if (!runs && (event.key !== "Escape" || chooses)) return;
    const shown = Array.from(document.querySelectorAll(runs ? KEYS_RUN : KEYS_STOP)).filter((one) => one.offsetParent);
    if (!shown.length) return;
    if (!runs) return press(shown);
    const buttons = nearest(shown);
    event.preventDefault();
    held?.blur?.(); // so that what is typed counts
    setTimeout(() => {
      press(buttons);
      if (held?.getAttribute("role") !== "combobox") held?.focus?.({ preventScroll: true }); // that would open it
    }, 60);
  },
  true,
);
