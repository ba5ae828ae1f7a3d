// Draws props.value, one sentence and whether it is a refusal. Text is only ever set as textContent.
const line = element.querySelector(".said");

function draw() {
  const { text = "", refused = false } = props.value || {};
  line.classList.toggle("refused", refused);
  line.textContent = window.HMUSay(text);
}

watch("value", draw);
window.HMUFollow(element, draw);
