// Draws props.value, a table, as text and nothing but text: whatever a cell holds is never read as markup.
const box = element.querySelector(".sheet");

function line(kind, cells, right, told) {
  const row = document.createElement("tr");
  cells.forEach((cell, place) => {
    const made = document.createElement(cell ? kind : "td"); // an empty corner heads nothing
    if (right.includes(place)) made.className = "right";
    if (kind === "th" && cell) made.scope = "col";
    const text = document.createElement("div");
    text.textContent = told(place) ? window.HMUSay(cell) : cell;
    made.append(text);
    row.append(made);
  });
  return row;
}

function draw() {
  const sheet = props.value;
  box.replaceChildren();
  if (!sheet || !sheet.head) return;
  const table = document.createElement("table");
  const caption = document.createElement("caption");
  caption.textContent = window.HMUSay(sheet.caption);
  table.append(caption);
  table.createTHead().append(line("th", sheet.head, sheet.right, () => !sheet.theirs));
  table.createTBody().append(...sheet.rows.map((cells) => line("td", cells, sheet.right, (place) => sheet.told.includes(place))));
  box.append(table);
}

watch("value", draw);
window.HMUFollow(element, draw);
