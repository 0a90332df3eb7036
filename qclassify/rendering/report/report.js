"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const facts = JSON.parse(one("facts").textContent);
  const { categories, clauses, words } = facts;
  const nodes = all(".clause");
  const ranged = all("[data-start]").map((node) => ({
    node,
    start: Number(node.dataset.start),
    stop: Number(node.dataset.stop),
    count: node.querySelector(".n"),
  }));
  const headings = ranged.filter(({ node }) => node.classList.contains("heading"));
  const stretches = ranged
    .filter(({ node }) => node.classList.contains("stretch"))
    .map((stretch) => ({ ...stretch, headings: all(".heading", stretch.node) }));
  const large = document.body.classList.contains("large");
  const toggles = all(".toggle");
  // Labels are bits; numbers have 32 for such uses and categories may be more.
  const bit = (position) => 1n << BigInt(position);
  const NONE = bit(categories.length);
  for (const clause of clauses) clause[0] = BigInt(clause[0]);
  let lowered = null; // the clauses' texts in lower case, made at the first search
  let reasonLines = null;
  let visible = new Uint8Array(clauses.length).fill(1);
  let selected = -1;
  let why = 0; // the category whose reasons are shown

  const build = (name, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children.filter((child) => child !== null));
    return node;
  };
  const signed = (thousandths) =>
    (thousandths < 0 ? "−" : "+") + (Math.abs(thousandths) / 1000).toFixed(3);
  const percent = (thousandths) => (thousandths / 10).toFixed(1) + "%";
  const filled = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  // ---- filtering -----------------------------------------------------------------------------------

  const pressed = (toggle) => toggle.getAttribute("aria-pressed") === "true";
  const press = (toggle, down) => toggle.setAttribute("aria-pressed", String(down));

  function clear() {
    for (const toggle of toggles) press(toggle, false);
    one("primary").checked = false;
    one("review").value = "all";
    one("find").value = "";
  }

  function wanted() {
    const down = toggles.filter(pressed);
    return {
      bits: down.reduce((bits, toggle) => bits | bit(toggle.dataset.bit), 0n),
      names: down.map((toggle) => toggle.textContent),
      primary: one("primary").checked,
      review: one("review").value,
      find: one("find").value.trim().toLowerCase(),
    };
  }

  function matches(index, { bits, primary, review, find }) {
    const [labels, first, uncertain] = clauses[index];
    const own = primary ? (first < 0 ? NONE : bit(first)) : labels || NONE;
    if (bits && !(own & bits)) return false;
    if (review !== "all" && (review === "review") !== Boolean(uncertain)) return false;
    return !find || lowered[index].includes(find);
  }

  function filter() {
    const asked = wanted();
    const active = Boolean(asked.bits || asked.review !== "all" || asked.find);
    if (asked.find && !lowered) {
      lowered = nodes.map((node) => node.querySelector(".text").textContent.toLowerCase());
    }
    const before = new Uint32Array(clauses.length + 1); // matches before each clause
    for (let index = 0; index < clauses.length; index += 1) {
      const shown = matches(index, asked);
      before[index + 1] = before[index] + shown;
      visible[index] = shown;
      if (nodes[index].hidden === shown) nodes[index].hidden = !shown;
    }
    for (const { node, start, stop, count } of ranged) {
      const found = before[stop] - before[start];
      if (count) {
        count.textContent = active ? `${found}/${stop - start}` : String(stop - start);
        node.classList.toggle("empty", active && !found);
      } else if (node.classList.contains("heading")) {
        node.hidden = active && !found;
      }
    }
    for (const { node, start, stop, headings: inside } of stretches) {
      const found = before[stop] - before[start];
      node.hidden = active && !found && inside.every((heading) => heading.hidden);
      // What is off the screen is not laid out; this is about how high it will be.
      if (large) node.style.containIntrinsicBlockSize = `${4 * (active ? found : stop - start) + 4}rem`;
    }
    const shown = before[clauses.length];
    document.body.classList.toggle("filtered", active);
    one("nothing").hidden = shown > 0 || clauses.length === 0;
    one("first").disabled = shown === 0;
    one("count").textContent = filled(words.shown, { shown, total: clauses.length });
    const what = [...asked.names];
    if (asked.primary && asked.bits) what.push(words.primary_only);
    if (asked.review !== "all") what.push(words[asked.review]);
    if (asked.find) what.push(`“${asked.find}”`);
    one("filtered").textContent = active
      ? filled(words.filtered_print, { what: what.join(" · ") }) + " · " + one("count").textContent
      : "";
    markFound(asked.find);
    if (selected < 0 || !visible[selected]) rove(visible.indexOf(1));
  }

  function markFound(find) {
    if (!window.Highlight || !CSS.highlights) return;
    CSS.highlights.delete("found");
    if (!find) return;
    const ranges = [];
    for (let index = 0; index < nodes.length && ranges.length < 2000; index += 1) {
      if (!visible[index] || index === selected) continue;
      const text = nodes[index].querySelector(".text").firstChild;
      for (let at = lowered[index].indexOf(find); at >= 0; at = lowered[index].indexOf(find, at + find.length)) {
        if (at + find.length > text.length) break;
        const range = new Range();
        range.setStart(text, at);
        range.setEnd(text, at + find.length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  // ---- reasons -------------------------------------------------------------------------------------

  function reasonsOf(index) {
    reasonLines ??= one("reasons").textContent.split("\n");
    return JSON.parse(reasonLines[index]);
  }

  function rove(index) {
    for (const button of all('.no[tabindex="0"]')) button.tabIndex = -1;
    if (index >= 0) nodes[index].querySelector(".no").tabIndex = 0;
  }

  function restore() {
    if (selected < 0) return;
    const text = nodes[selected].querySelector(".text");
    text.textContent = text.textContent;
    nodes[selected].classList.remove("selected");
    nodes[selected].removeAttribute("aria-current");
  }

  // The category one has filtered for, else the primary one, else the most probable.
  function inQuestion(index) {
    const [labels, first, , probabilities] = clauses[index];
    const down = toggles.filter(pressed).map((toggle) => Number(toggle.dataset.bit));
    if (down.length === 1 && down[0] < categories.length && labels & bit(down[0])) return down[0];
    return first >= 0 ? first : probabilities.indexOf(Math.max(...probabilities));
  }

  function select(index, { focus = false } = {}) {
    restore();
    selected = index;
    rove(index);
    why = inQuestion(index);
    nodes[index].classList.add("selected");
    nodes[index].setAttribute("aria-current", "true");
    document.body.classList.add("chosen");
    showPanel();
    if (focus) {
      nodes[index].querySelector(".no").focus({ preventScroll: true });
      nodes[index].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    const last = selected;
    restore();
    selected = -1;
    document.body.classList.remove("chosen");
    one("reasons-of").replaceChildren();
    if (last >= 0) nodes[last].querySelector(".no").focus({ preventScroll: true });
  }

  function goTo(index) {
    if (selected >= 0) select(index);
    else rove(index);
    nodes[index].scrollIntoView({ block: "center" });
    nodes[index].querySelector(".no").focus({ preventScroll: true });
  }

  function step(direction, wants = () => true) {
    let index = selected < 0 ? (direction > 0 ? -1 : clauses.length) : selected;
    do index += direction;
    while (index >= 0 && index < clauses.length && !(visible[index] && wants(index)));
    if (index >= 0 && index < clauses.length) select(index, { focus: true });
  }

  function shade(shares, hit = []) {
    const text = nodes[selected].querySelector(".text");
    const characters = Array.from(text.textContent); // code points, as the offsets count them
    const most = Math.max(1, ...shares.map(Math.abs));
    const hits = new Uint8Array(characters.length);
    for (const [start, stop] of hit) hits.fill(1, start, stop);
    const kind = (n) => {
      const level = Math.ceil(Math.sqrt(Math.abs(shares[n]) / most) * 4 - 0.9);
      return (level > 0 ? (shares[n] > 0 ? "for" : "against") + level : "") + (hits[n] ? " hit" : "");
    };
    const runs = [];
    characters.forEach((character, n) => {
      const is = kind(n);
      if (runs.length && runs.at(-1).is === is) runs.at(-1).text += character;
      else runs.push({ is, text: character });
    });
    text.replaceChildren(
      ...runs.map(({ is, text: run }) => (is ? build("mark", { className: is.trim(), textContent: run }) : run)),
    );
  }

  function showPanel() {
    const [labels, , , probabilities] = clauses[selected];
    const all_reasons = reasonsOf(selected);
    const button = nodes[selected].querySelector(".no");
    const flag = nodes[selected].querySelector(".flag");
    const path = headings
      .filter(({ start, stop }) => start <= selected && selected < stop)
      .map(({ node }) => node.textContent.trim());
    const order = categories.map((_, n) => n).sort((a, b) => probabilities[b] - probabilities[a]);
    one("reasons-of").replaceChildren(
      build(
        "div",
        { className: "panel-head" },
        build("h2", { textContent: `${words.clause} ${button.textContent}` }),
        build("button", { type: "button", textContent: "↑", ariaLabel: words.previous, onclick: () => step(-1) }),
        build("button", { type: "button", textContent: "↓", ariaLabel: words.next, onclick: () => step(1) }),
        build("button", { type: "button", textContent: "×", ariaLabel: words.close, onclick: close }),
      ),
      path.length ? build("p", { className: "path", textContent: path.join(" › ") }) : "",
      flag ? build("p", { className: "doubt", textContent: `${flag.textContent} · ${flag.title}` }) : "",
      build(
        "fieldset",
        {},
        build("legend", { textContent: words.probability }),
        ...order.map((n) => choice(n, probabilities[n], Boolean(labels & bit(n)), all_reasons)),
      ),
      build("div", { id: "sum" }),
    );
    showSum(all_reasons);
  }

  function choice(n, probability, chosen, all_reasons) {
    const category = categories[n];
    const radio = build("input", { type: "radio", name: "why", checked: n === why });
    radio.addEventListener("change", () => {
      why = n;
      showSum(all_reasons);
    });
    const bar = build("span", { className: `bar c-${category.id}`, ariaHidden: "true" });
    bar.append(build("i"));
    bar.firstChild.style.width = probability / 10 + "%";
    if (category.threshold !== null) {
      bar.append(build("b"));
      bar.lastChild.style.left = category.threshold / 10 + "%";
    }
    return build(
      "label",
      { className: chosen ? "chosen" : "" },
      radio,
      build("span", { className: `name c-${category.id}`, textContent: (chosen ? "✓ " : "") + category.short }),
      bar,
      build("span", { className: "value", textContent: percent(probability) }),
    );
  }

  function showSum(all_reasons) {
    const [score, base, heading, clause, shares] = all_reasons[why];
    const category = categories[why];
    const probability = clauses[selected][3][why];
    const line = (name, value, className = "") =>
      build("tr", { className }, build("th", { scope: "row", textContent: name }), build("td", { textContent: signed(value) }));
    const rows = [
      line(words.base, base, "part"),
      line(words.from_clause, clause[0], "part"),
      ...termRows(clause, shares),
      line(words.from_heading, heading[0], "part"),
      ...termRows(heading, shares),
    ];
    const total = line(words.sum, score, "total");
    const needed = category.needed === null ? "" : line(words.needed, category.needed, "needed");
    const threshold = category.threshold === null ? "" : ` · ${words.threshold} ${percent(category.threshold)}`;
    const reached = build("p", {
      className: "verdict",
      textContent: `${words.score} ${signed(score)} → ${words.probability} ${percent(probability)}${threshold}`,
    });
    one("sum").replaceChildren(
      build("h3", { className: `c-${category.id}`, textContent: category.name }),
      reached,
      build("table", {}, build("tbody", {}, ...rows, total, needed)),
      build("p", { className: "note", textContent: `${words.sum_note} ${words.highlight_note}` }),
      build("details", {}, build("summary", { textContent: words.definition }), build("p", { textContent: category.definition })),
    );
    shade(shares);
  }

  function termRows([, terms, rest, count], shares) {
    const rows = terms.map(([term, value, spans]) => {
      const shown = term.trim() || "␣";
      const name = spans
        ? build("button", { type: "button", textContent: shown, ariaLabel: `${shown} ${signed(value)}` })
        : build("span", { textContent: shown });
      if (spans) {
        for (const event of ["mouseenter", "focus", "click"]) name.addEventListener(event, () => shade(shares, spans));
        for (const event of ["mouseleave", "blur"]) name.addEventListener(event, () => shade(shares));
      }
      return build(
        "tr",
        { className: value < 0 ? "term against" : "term for" },
        build("th", { scope: "row" }, name),
        build("td", { textContent: signed(value) }),
      );
    });
    if (count) {
      rows.push(
        build(
          "tr",
          { className: "term rest" },
          build("th", { scope: "row", textContent: filled(words.rest, { n: count }) }),
          build("td", { textContent: signed(rest) }),
        ),
      );
    }
    return rows;
  }

  // ---- events --------------------------------------------------------------------------------------

  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      press(toggle, !pressed(toggle));
      filter();
    });
  }
  for (const id of ["primary", "review"]) one(id).addEventListener("change", filter);
  one("find").addEventListener("input", filter);
  one("percent").addEventListener("change", (event) =>
    document.body.classList.toggle("percents", event.target.checked),
  );
  one("print").addEventListener("click", () => window.print());
  one("reset").addEventListener("click", () => {
    clear();
    filter();
  });
  for (const link of all("a.cell, a.jump")) {
    link.addEventListener("click", (event) => {
      const { category, review, from, to } = link.dataset;
      clear();
      for (const toggle of toggles) press(toggle, toggle.dataset.category === category);
      if (review) one("review").value = review;
      filter();
      if (from === undefined) return; // a cell leads to its section's heading
      const first = visible.indexOf(1, Number(from));
      if (first < 0 || first >= Number(to)) return;
      event.preventDefault();
      goTo(first);
    });
  }
  one("first").addEventListener("click", () => goTo(visible.indexOf(1)));
  one("text").addEventListener("click", (event) => {
    const node = event.target.closest(".clause");
    if (!node || String(window.getSelection())) return;
    const index = nodes.indexOf(node);
    if (index !== selected) select(index, { focus: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input[type=search], select");
    if (event.key === "Escape" && selected >= 0) close();
    else if (typing) return;
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "n") step(1, (index) => clauses[index][2]);
    else if (event.key === "/") one("find").focus();
    else return;
    event.preventDefault();
  });
  const top = document.querySelector("header");
  const measure = () => document.documentElement.style.setProperty("--top", `${top.offsetHeight}px`);
  new ResizeObserver(measure).observe(top);
  if (window.matchMedia("(max-width: 960px)").matches) document.querySelector("#contents details").open = false;
  filter();
  const linked = /^#c(\d+)$/.exec(window.location.hash);
  if (linked && Number(linked[1]) < clauses.length) select(Number(linked[1]), { focus: true });
})();
