// Draws props.value: how far something is (or only that it goes on), a sentence about it, and whether it tells of a fault.
const bar = element.querySelector(".meter-bar");
const said = element.querySelector(".meter-said");

function draw() {
  const { done = 0, total = 0, said: sentence = "", fault = false, going = false } = props.value || {};
  bar.hidden = !total && !going;
  bar.classList.toggle("going", going);
  if (total) {
    bar.setAttribute("aria-valuemax", total);
    bar.setAttribute("aria-valuenow", done);
  } else ["max", "now"].forEach((end) => bar.removeAttribute(`aria-value${end}`));
  bar.firstElementChild.style.width = total ? `${(100 * done) / total}%` : "";
  said.textContent = window.HMUSay(sentence);
  said.classList.toggle("fault", fault);
}

watch("value", draw);
window.HMUFollow(element, draw);
