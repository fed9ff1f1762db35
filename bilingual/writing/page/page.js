"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.body;
  const rows = [...document.querySelectorAll(".top .hd:not(.alone), #article .hd, #article tr[id]")];
  const motion = matchMedia("(prefers-reduced-motion: reduce)");

  // Rows and cells laid out as a grid are no table to some browsers: say it again for readers who do not see them.
  for (const table of document.querySelectorAll("#article table, #summary table")) {
    table.setAttribute("role", "table");
    for (const part of table.children) part.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      for (const cell of row.cells) cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
    }
  }
  $("bar").hidden = false;

  // ---- What is shown. Kept nowhere: on file:// storage would be shared by all pages. A reload restores the radio buttons by itself.
  const radios = [...document.querySelectorAll("#view input")];
  const titles = document.querySelectorAll(".hd > p.f");
  const french = (row) => row.children[0];
  const english = (row) => row.children[1];
  const hidden = () => ({ en: french, fr: english })[body.dataset.view]; // which side of a row is away
  // Rows stand one under the other: the first that is still to be seen is found by halving, so that few of them are laid out.
  function topmost(list, element = (one) => one) {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (element(list[middle]).getBoundingClientRect().bottom > 90) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  function reveal(element) {
    const { top, bottom } = element.getBoundingClientRect();
    if (top > 90 && bottom < innerHeight - 40) return;
    const near = top > -innerHeight && bottom < 2 * innerHeight && !motion.matches;
    element.scrollIntoView({ block: "center", behavior: near ? "smooth" : "instant" });
    if (!near) requestAnimationFrame(() => element.scrollIntoView({ block: "center", behavior: "instant" })); // now with true heights
  }
  function show(view, keep = true) {
    const anchor = keep && (current || rows[topmost(rows)]);
    const before = anchor && anchor.getBoundingClientRect().top;
    body.dataset.view = view;
    for (const radio of radios) radio.checked = radio.value === view;
    for (const title of titles) { // where the English heading is away, the French one is the heading
      const level = view === "fr" && title.nextElementSibling.tagName[1];
      if (level) title.setAttribute("role", "heading"), title.setAttribute("aria-level", level);
      else title.removeAttribute("role"), title.removeAttribute("aria-level");
    }
    if (anchor && scrollY > 40) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
    light(null);
    closeReceipt();
  }
  for (const radio of radios) radio.addEventListener("change", () => show(radio.value));
  addEventListener("pageshow", () => {
    const restored = radios.find((radio) => radio.checked);
    if (restored && restored.value !== body.dataset.view) show(restored.value, false);
  });

  const night = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (night.matches ? "dark" : "light")) === "dark";
  const sayTheme = () => $("theme").setAttribute("aria-pressed", isDark());
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    sayTheme();
  });
  night.addEventListener("change", sayTheme);
  sayTheme();

  // ---- Words: links are base64 VLQ, four numbers each (see rows.py); ranges are painted, the text is left as it is.
  const paint = window.CSS && CSS.highlights && window.Highlight ? CSS.highlights : null;
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const decoded = new WeakMap();
  function links(row) {
    if (!decoded.has(row)) {
      const numbers = [];
      let value = 0, shift = 0;
      for (const digit of row.dataset.w || "") {
        const bits = DIGITS.indexOf(digit);
        value += (bits & 31) * 2 ** shift;
        shift += 5;
        if (bits < 32) {
          numbers.push(value % 2 ? -(value - 1) / 2 : value / 2);
          value = shift = 0;
        }
      }
      const found = [];
      let last = 0, from = 0;
      for (let i = 0; i + 3 < numbers.length; i += 4) {
        const start = last + numbers[i];
        last = start + numbers[i + 1];
        from += numbers[i + 2];
        found.push({ source: [from, from + numbers[i + 3]], target: [start, last] });
      }
      decoded.set(row, found);
    }
    return decoded.get(row);
  }
  function range(cell, [start, end]) {
    const made = new Range();
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    let at = 0, begun = false;
    for (let node; (node = walker.nextNode()); at += node.length) {
      if (!begun && start < at + node.length) {
        made.setStart(node, Math.max(0, start - at));
        begun = true;
      }
      if (begun && end <= at + node.length) {
        made.setEnd(node, end - at);
        return made;
      }
    }
    return null;
  }
  function offset(cell, x, y) {
    let node, at;
    if (document.caretPositionFromPoint) {
      const caret = document.caretPositionFromPoint(x, y);
      if (caret) [node, at] = [caret.offsetNode, caret.offset];
    } else if (document.caretRangeFromPoint) {
      const caret = document.caretRangeFromPoint(x, y);
      if (caret) [node, at] = [caret.startContainer, caret.startOffset];
    }
    if (!node || node.nodeType !== Node.TEXT_NODE || !cell.contains(node)) return -1;
    const before = new Range();
    before.setStart(cell, 0);
    before.setEnd(node, at);
    return before.toString().length;
  }
  const meets = (a, b) => a[0] < b[1] && b[0] < a[1];
  function partners(row, side, word) {
    const other = side === "source" ? "target" : "source";
    const all = links(row);
    const near = all.filter((link) => meets(link[side], word));
    // What the partner is linked to as well belongs to the same thing: “has been” and « a été » light up as wholes.
    return { [side]: near.map((link) => link[side]), [other]: near.map((link) => link[other]) };
  }
  let litRow = null, litWord = "";
  function light(row, side, word) {
    const key = row ? side + word : "";
    if (row === litRow && key === litWord) return;
    litRow = row;
    litWord = key;
    if (!paint) return;
    paint.delete("pair");
    if (!row) return;
    const found = partners(row, side, word);
    const ranges = [
      ...(found.source || []).map((span) => range(french(row), span)),
      ...(found.target || []).map((span) => range(english(row), span)),
    ].filter(Boolean);
    if (ranges.length) paint.set("pair", new Highlight(...ranges));
  }
  const receipt = $("receipt");
  let opener = null; // the term whose receipt is open
  function twins(term, on) {
    const row = term.closest("tr, .hd");
    for (const twin of row.querySelectorAll(`a[data-p="${term.dataset.p}"]`)) twin.classList.toggle("on", on);
  }
  function point(event) {
    const row = event.target.closest && event.target.closest("#article tr[data-w], .hd[data-w]");
    const cell = row && [french(row), english(row)].find((side) => side.contains(event.target));
    if (!cell) return light(null);
    const at = offset(cell, event.clientX, event.clientY);
    const side = cell === french(row) ? "source" : "target";
    const link = links(row).find((one) => one[side][0] <= at && at <= one[side][1]);
    if (link && inside(range(cell, link[side]), event)) light(row, side, link[side]);
    else light(null);
  }
  const inside = (words, { clientX: x, clientY: y }) =>
    words && [...words.getClientRects()].some((box) => x >= box.left - 2 && x <= box.right + 2 && y >= box.top && y <= box.bottom);
  let asked = 0;
  document.addEventListener("pointermove", (event) => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => point(event));
  });
  document.addEventListener("click", point);
  for (const [type, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]])
    document.addEventListener(type, (event) => {
      const term = event.target.closest && event.target.closest("a[data-p]");
      if (term && term !== opener) twins(term, on);
    });

  // ---- Terms: a receipt on click; the English side takes part in tabbing, the French one only where it is alone.
  if (receipt.showPopover) {
    receipt.popover = "auto";
    receipt.hidden = false;
    receipt.addEventListener("toggle", (event) => event.newState === "closed" && !receipt.matches(":popover-open") && closeReceipt());
  }
  function closeReceipt() {
    if (!opener) return;
    const closed = opener;
    opener = null;
    if (!receipt.showPopover) receipt.hidden = true;
    else if (receipt.matches(":popover-open")) receipt.hidePopover();
    closed.setAttribute("aria-expanded", false);
    twins(closed, false);
  }
  const text = (id) => ($(id) ? $(id).textContent : "");
  const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
  function openReceipt(term) {
    closeReceipt();
    const row = term.closest("tr, .hd");
    const [from, to] = [french(row), english(row)].map((cell) => cell.querySelector(`a[data-p="${term.dataset.p}"]`));
    const status = term.classList.contains("enforced") ? "enforced" : term.className.split(" ").find((name) => $("s-" + name)) || "kept";
    const method = (to || term).dataset.m, change = (to || term).dataset.c;
    $("r-fr").textContent = (from || term).textContent;
    $("r-en").textContent = (to && to.textContent) || term.dataset.v || "";
    $("r-status").textContent = `${capital(status)}: ${text("s-" + status)}.`;
    $("r-method").textContent = method ? `${capital(text("m-" + method) || method)}${change ? `; the sentence’s score changed by ${change}` : ""}.` : "";
    $("r-all").hash = term.hash;
    opener = term;
    term.setAttribute("aria-expanded", true);
    twins(term, true);
    if (receipt.showPopover) receipt.showPopover();
    else receipt.hidden = false;
    const box = term.getClientRects()[0], size = receipt.getBoundingClientRect();
    const above = box.bottom + size.height + 12 > innerHeight && box.top > size.height + 60;
    receipt.style.left = `${scrollX + Math.max(12, Math.min(box.left - 12, document.documentElement.clientWidth - size.width - 12))}px`;
    receipt.style.top = `${scrollY + (above ? box.top - size.height - 8 : box.bottom + 8)}px`;
    receipt.focus({ preventScroll: true });
  }
  for (const row of rows) {
    const alone = english(row);
    for (const term of row.querySelectorAll("a[data-p]")) {
      term.setAttribute("aria-haspopup", "dialog");
      if (!alone.contains(term) && alone.querySelector(`a[data-p="${term.dataset.p}"]`)) term.tabIndex = -1;
    }
  }
  document.addEventListener("click", (event) => {
    const term = event.target.closest("a[data-p]");
    if (term && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openReceipt(term);
    } else if (!event.target.closest("#receipt") || event.target.closest("#r-all")) closeReceipt();
  });

  // ---- Sentence by sentence.
  let current = null, word = -1;
  function go(row) {
    if (!row) return;
    if (current) current.classList.remove("cur");
    current = row;
    word = -1;
    light(null);
    row.classList.add("cur");
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    reveal(row);
  }
  function step(by, wanted = () => true) {
    const first = topmost(rows);
    let at = current ? rows.indexOf(current) + by : by > 0 ? first : first - 1;
    while (rows[at] && !wanted(rows[at])) at += by;
    go(rows[at]);
  }
  function stepWord(by) {
    const side = hidden() === english ? "source" : "target";
    const words = [...new Set(links(current).map((link) => link[side].join()))].map((key) => key.split(",").map(Number)).sort((a, b) => a[0] - b[0]);
    if (!words.length) return;
    word = word < 0 ? (by > 0 ? 0 : words.length - 1) : (word + by + words.length) % words.length;
    light(current, side, words[word]);
  }

  // ---- Search: in what is shown, without case and accents.
  const fold = (string) => string.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let cells = null, hits = [], hit = -1;
  function index() {
    cells = rows.flatMap((row) => [[row, french], [row, english]]).map(([row, side]) => {
      const cell = side(row), original = cell.textContent, plain = [], places = [];
      let at = 0;
      for (const character of original) {
        const folded = fold(character);
        for (let unit = 0; unit < folded.length; unit++) {
          plain.push(folded[unit]);
          places.push(at);
        }
        at += character.length;
      }
      places.push(at);
      return { cell, side, plain: plain.join(""), places };
    });
  }
  function search() {
    const wanted = fold($("q").value.trim());
    for (const row of document.querySelectorAll(".hit")) row.classList.remove("hit");
    if (paint) for (const name of ["find", "found"]) paint.delete(name);
    [hits, hit] = [[], -1];
    $("found").textContent = "";
    if (!wanted) return;
    if (!cells) index();
    const away = hidden();
    for (const { cell, side, plain, places } of cells) {
      if (side === away) continue;
      for (let at = plain.indexOf(wanted); at >= 0; at = plain.indexOf(wanted, at + wanted.length))
        hits.push({ cell, span: [places[at], places[at + wanted.length]] });
    }
    const ranges = hits.map((one) => (one.range = range(one.cell, one.span))).filter(Boolean);
    if (paint && ranges.length) paint.set("find", new Highlight(...ranges));
    else for (const one of hits) one.cell.parentElement.classList.add("hit");
    $("found").textContent = hits.length ? `${hits.length} found` : "Nothing found";
  }
  function next(by) {
    if (!hits.length) return;
    if (hit < 0) {
      hit = topmost(hits, (one) => one.cell) % hits.length;
    } else hit = (hit + by + hits.length) % hits.length;
    const { cell, range: words } = hits[hit];
    if (paint && words) paint.set("found", new Highlight(words));
    reveal(cell);
    $("found").textContent = `${hit + 1} of ${hits.length}`;
  }
  let pause = 0;
  $("q").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(search, 80);
  });
  $("q").addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      clearTimeout(pause);
      if (hit < 0) search();
      next(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      $("q").value = "";
      search();
      $("q").blur();
    } else return;
    event.preventDefault();
  });

  // ---- Keys. Single letters can be switched off (WCAG 2.1.4).
  $("keys").addEventListener("click", () => $("help").showModal());
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]), textarea, dialog")) return;
    if (event.key === "Escape") return closeReceipt();
    if (event.key.startsWith("Arrow")) {
      if (!current || event.target.closest("input") || !/Left|Right/.test(event.key)) return;
      event.preventDefault();
      return stepWord(event.key === "ArrowRight" ? 1 : -1);
    }
    if (!$("letters").checked) return;
    const views = { 1: "both", 2: "mixed", 3: "en", 4: "fr" };
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "d") step(1, (row) => row.matches(".low, .bad"));
    else if (event.key === "/") $("q").focus();
    else if (event.key === "?") $("help").showModal();
    else if (views[event.key]) show(views[event.key]);
    else return;
    event.preventDefault();
  });
  addEventListener("hashchange", () => {
    const place = $(decodeURIComponent(location.hash.slice(1)));
    const row = place && place.closest("tr, .hd");
    if (rows.includes(row)) go(row);
  });
})();
