// Draws props.value, a table, as text and nothing but text: whatever a cell holds is never read as markup.
const box = element.querySelector(".sheet");

function line(kind, cells, right) {
  const row = document.createElement("tr");
  cells.forEach((cell, place) => {
    const made = document.createElement(kind);
    if (right.includes(place)) made.className = "right";
    if (kind === "th") made.scope = "col";
    const text = document.createElement("div");
    text.textContent = cell;
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
  caption.textContent = sheet.caption;
  table.append(caption);
  table.createTHead().append(line("th", sheet.head, sheet.right));
  table.createTBody().append(...sheet.rows.map((cells) => line("td", cells, sheet.right)));
  box.append(table);
}

watch("value", draw);
draw();
