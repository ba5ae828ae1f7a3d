// What this browser ran, newest first; kept in its own storage and nowhere else. Text is only ever set as textContent.
const list = element.querySelector(".history");
const KEY = "hmu-history", MOST = 20;

function kept() {
  try {
    return JSON.parse(window.localStorage.getItem(KEY)) || [];
  } catch {
    return [];
  }
}

function item(run) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = `${window.location.pathname}?${new URLSearchParams(run.query).toString()}`;
  link.textContent = run.text || "…";
  const when = document.createElement("time");
  when.dateTime = run.at;
  when.textContent = new Date(run.at).toLocaleString(document.documentElement.lang);
  row.append(link, " ", when);
  return row;
}

function draw() {
  const runs = kept();
  list.replaceChildren(...runs.map(item));
  element.querySelector(".live").hidden = runs.length === 0;
}

watch("value", () => {
  const run = props.value;
  if (!run || !run.query) return;
  const others = kept().filter((one) => one.query !== run.query);
  try {
    window.localStorage.setItem(KEY, JSON.stringify([run, ...others].slice(0, MOST)));
  } catch {
    return; // a browser that keeps nothing has no history
  }
  draw();
});
element.querySelector(".forget").addEventListener("click", () => {
  window.localStorage.removeItem(KEY);
  draw();
});
window.HMUFollow(element, draw);
