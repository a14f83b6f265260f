// Runs in the page: what it lacks for people who listen to it or have no mouse, by the rules of WCAG 2.2 that can be read
// off the document (1.1.1, 1.3.1, 2.4.1, 2.4.2, 2.4.4, 2.4.6, 3.1.1, 3.3.2, 4.1.2). Its value is the list of findings.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const nameOf = (element) => {
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
    return (element.getAttribute("aria-label") ?? (labels || element.textContent)).trim();
  };
  const outline = (element) => element.outerHTML.slice(0, 120);
  const found = [];
  const demand = (holds, what) => {
    if (!holds) found.push(what);
  };
  const demandEach = (selector, holds, what) => {
    for (const element of all(selector)) demand(holds(element), `${what}: ${outline(element)}`);
  };
  demand(document.documentElement.lang === "en", "the language is not stated");
  demand(/^.+ · Waybill$/.test(document.title), "the page has no title of its own");
  for (const landmark of ["main", "h1"]) demand(all(landmark).length === 1, `there is not one ${landmark}`);
  demandEach("button, a[href], summary", (element) => nameOf(element) !== "", "no name");
  demandEach("input, select, textarea", (element) => (element.labels ?? []).length > 0, "no label");
  demandEach("img", (element) => element.hasAttribute("alt"), "no alternative");
  demandEach("svg", (element) => element.getAttribute("aria-hidden") === "true", "a drawing that is read out");
  demandEach("nav, section", (element) => element.hasAttribute("aria-label"), "a region without a name");
  demandEach("table", (element) => (element.caption?.textContent ?? "") !== "", "a table without a caption");
  demandEach("table", (element) => element.querySelector("th[scope=col]") !== null, "a table without heads");
  demandEach("[tabindex]", (element) => Number(element.getAttribute("tabindex")) <= 0, "an order of its own");
  demandEach("dl > div", (element) => element.querySelector("dt") && element.querySelector("dd"), "half a pair");
  const ids = all("[id]").map(({ id }) => id);
  demand(new Set(ids).size === ids.length, "an id is there twice");
  for (const attribute of ["for", "aria-describedby"]) {
    demandEach(
      `[${attribute}]`,
      (element) =>
        element
          .getAttribute(attribute)
          .split(" ")
          .every((id) => ids.includes(id)),
      `${attribute} leads nowhere`,
    );
  }
  const levels = all("h1, h2, h3, h4").map(({ tagName }) => Number(tagName.slice(1)));
  demand(
    levels.every((level, at) => level <= (levels[at - 1] ?? 0) + 1),
    "a heading leaves out a level",
  );
  return found;
})();
