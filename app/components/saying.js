// Words in the visitor's language: `HMUSay` turns a sentence of HMU_TABLE into Spanish where the document is Spanish and
// leaves any other as it is, `HMUWord` finds a sentence by its name in app/words, `HMUFollow` draws when the language turns.
(() => {
  const PART = " · ", page = document.documentElement;
  const { exact, like } = window.HMU_TABLE, patterns = like.map(([regex, parts]) => [new RegExp(regex), parts]);
  const wanted = new URLSearchParams(window.location.search).get("lang");
  let title = null;

  function group(text, place) {
    if (place < 0) return one(text);
    return /^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "\u202f") : text;
  }

  function one(sentence) {
    if (Object.hasOwn(exact, sentence)) return exact[sentence];
    if (sentence.includes("\n")) return sentence.split("\n").map(one).join(" ");
    for (const [regex, parts] of patterns) {
      const found = regex.exec(sentence);
      if (found) return parts.map((part) => (typeof part === "string" ? part : group(found[Math.abs(part)], part))).join("");
    }
    return sentence.includes(PART) ? sentence.split(PART).map(one).join(PART) : sentence;
  }

  window.HMUSay = (sentence) => {
    if (typeof sentence !== "string") return sentence;
    return page.lang.startsWith("es") ? one(sentence) : sentence.replaceAll("\n", " ");
  };

  window.HMUWord = (name, ...fields) => {
    const sentence = window.HMU_NAMED[name];
    return window.HMUSay(sentence.replaceAll(/\{[^{}]*\}/g, () => fields.shift()));
  };

  // What stands in an element's template is said here; what its script draws, by `draw`: now and whenever it turns.
  window.HMUFollow = (element, draw) => {
    const names = ["aria-label", "data-waiting"], told = [];
    names.forEach((name) => {
      element.querySelectorAll(`[${name}]`).forEach((node) => told.push([node, name, node.getAttribute(name)]));
    });
    const texts = Array.from(element.querySelectorAll("[data-say]"), (node) => [node, node.textContent]);
    const all = () => {
      told.forEach(([node, name, text]) => node.setAttribute(name, window.HMUSay(text)));
      texts.forEach(([node, text]) => {
        node.textContent = window.HMUSay(text);
      });
      draw();
    };
    window.addEventListener("hmu-language", all);
    all();
  };

  function name() {
    if (Object.hasOwn(exact, document.title)) title = document.title;
    if (title && document.title !== window.HMUSay(title)) document.title = window.HMUSay(title);
  }

  function turned() {
    if (!/^(en|es)/.test(page.lang)) page.lang = "en"; // Gradio has more languages than we do: what is read out is English
    name();
    window.dispatchEvent(new CustomEvent("hmu-language"));
  }

  // Gradio names its own function for this by its module's name alone; where that is not so, its Settings still do it.
  async function choose(language) {
    const core = performance.getEntriesByType("resource").find((file) => /\/core-[^/]*\.js$/.test(file.name));
    const { changeLocale } = core ? await import(core.name) : {};
    changeLocale?.(language);
  }

  new MutationObserver(turned).observe(page, { attributes: true, attributeFilter: ["lang"] });
  new MutationObserver(name).observe(document.head, { childList: true, subtree: true, characterData: true });
  turned();
  if (["en", "es"].includes(wanted)) choose(wanted);
})();
