// Ctrl+Enter (or ⌘+Enter) presses the Run that is nearest to where the visitor is, Esc every Stop that shows.
const KEYS_RUN = "#run, [id$='-run']", KEYS_STOP = "#stop, [id$='-stop'], #data-cancel";

function nearest(buttons) {
  for (let node = document.activeElement || document.body; node; node = node.parentElement) {
    const found = buttons.find((button) => node.contains(button));
    if (found) return [found];
  }
  return buttons.slice(0, 1);
}

document.addEventListener("keydown", (event) => {
  const runs = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (!runs && event.key !== "Escape") return;
  const shown = Array.from(document.querySelectorAll(runs ? KEYS_RUN : KEYS_STOP)).filter((one) => one.offsetParent);
  const buttons = runs ? nearest(shown) : shown, held = document.activeElement;
  if (!buttons.length) return;
  if (runs) {
    event.preventDefault();
    held?.blur?.(); // so that what is typed counts
  }
  setTimeout(() => {
    buttons.forEach((button) => button.click());
    if (runs) held?.focus?.({ preventScroll: true });
  }, 60);
});
