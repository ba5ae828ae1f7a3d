// Draws props.value: how far something is, a sentence about it, and whether that sentence tells of a fault.
const bar = element.querySelector(".meter-bar");
const said = element.querySelector(".meter-said");

function draw() {
  const { done = 0, total = 0, said: sentence = "", fault = false } = props.value || {};
  bar.hidden = !total;
  bar.setAttribute("aria-valuemax", total);
  bar.setAttribute("aria-valuenow", done);
  bar.firstElementChild.style.width = total ? `${(100 * done) / total}%` : "0";
  said.textContent = sentence;
  said.classList.toggle("fault", fault);
}

watch("value", draw);
draw();
