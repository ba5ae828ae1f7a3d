// Ctrl+Enter (or ⌘+Enter) runs, Esc stops, wherever the visitor types.
document.addEventListener("keydown", (event) => {
  const id = event.key === "Escape" ? "stop" : event.key === "Enter" && (event.ctrlKey || event.metaKey) ? "run" : null;
  if (!id) return;
  const button = Array.from(document.querySelectorAll(`[data-key="${id}"], #${id}`)).find((one) => one.offsetParent);
  if (!button) return;
  if (event.key === "Enter") event.preventDefault();
  document.activeElement?.blur?.();
  setTimeout(() => button.click(), 60);
});
