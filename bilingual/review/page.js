import { carry, fill, fitting, make, onEdge } from "./words.js";

{
  const $ = (id) => document.getElementById(id);
  const PAUSE = 300; // milliseconds without a key after which the English is looked at
  const KEEPALIVE = 60000; // bytes that a browser sends for a page that is being left
  const TOGETHER = 200; // sentences that are saved in one request
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  let rows = new Map(), order = [], current = null, before = "Machine’s text";
  let saving = 0, stuck = "", queue = Promise.resolve();

  // ---- Talking to the server. It checks and it saves; here nothing is known about terms, numbers or files.
  class Refusal extends Error {
    constructor(message, kind) { super(message); this.kind = kind; }
  }
  async function ask(path, body) {
    let answer;
    try {
      answer = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    } catch {
      throw new Refusal("The review has ended: bilingual does not answer any more. What you have typed stays here as long as this page is open.", "gone");
    }
    const json = (answer.headers.get("content-type") || "").startsWith("application/json");
    if (!json) throw new Refusal((await answer.text()).trim(), "input");
    const record = await answer.json();
    if (!answer.ok) throw new Refusal(record.error, record.kind);
    return record;
  }

  // ---- Building the page.
  function build(article) {
    const kept = new Map(order.filter(dirty).map((row) => [row.id, [row.french, row.field.value]]));
    rows = new Map(), order = [], current = null;
    before = article.given ? "Given text" : "Machine’s text";
    document.title = `${article.title} – review`;
    $("title").textContent = article.file;
    const facts = [article.glossary ? `glossary ${article.glossary}` : "terms by the receipts in the file"];
    if (article.memory) facts.push("corrections go into the memory");
    $("facts").textContent = facts.join(" · ");
    $("article").replaceChildren(...article.blocks.map(({ kind, sentences }) => {
      const block = make("div", `block ${kind}`);
      block.append(...sentences.map((sentence) => add(sentence, kind)));
      return block;
    }));
    for (const row of order) {
      const [french, text] = kept.get(row.id) || [row.french, row.view.draft];
      if (text !== undefined && french === row.french && text !== row.field.value) type(row, text);
    }
    filter();
    count();
  }
  function add(view, kind) {
    const row = { id: view.id, element: make("div", "row"), notes: make("ul", "notes"), mirror: make("div", "mirror"), field: make("textarea") };
    const { element, field } = row;
    element.id = view.id;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `Sentence ${view.label}`);
    row.source = make(kind === "title" || kind === "heading" ? "h2" : "p", "f");
    row.source.lang = "fr";
    row.source.id = `${view.id}-f`;
    row.notes.id = `${view.id}-n`;
    row.notes.setAttribute("aria-live", "polite");
    field.rows = 1;
    field.lang = "en";
    field.spellcheck = true;
    field.enterKeyHint = "next";
    field.setAttribute("autocomplete", "off");
    field.setAttribute("aria-label", `English of ${view.label}`);
    field.setAttribute("aria-describedby", `${row.source.id} ${row.notes.id}`);
    row.mirror.setAttribute("aria-hidden", "true");
    const box = make("div", "field"), acts = make("div", "acts"), english = make("div", "e");
    box.append(row.mirror, field);
    row.badge = make("span", "badge");
    row.go = button("Confirm", "go", () => confirm(row));
    row.undo = button(before, "", () => restore(row));
    acts.append(row.go, row.undo, row.badge, make("span", "where", view.label));
    english.append(box, row.notes, acts);
    element.append(row.source, english);
    rows.set(row.id, row);
    order.push(row);
    take(row, view);
    return element;
  }
  function button(text, className, act) {
    const made = make("button", className, text);
    made.type = "button";
    made.tabIndex = -1; // Tab goes from sentence to sentence; each of these has a key of its own
    made.addEventListener("mousedown", (event) => event.preventDefault()); // what is selected in the field stays selected
    made.addEventListener("click", act);
    return made;
  }

  // ---- A sentence as the server sees it.
  function take(row, view) { // what is saved
    const typed = row.view && dirty(row) ? row.field.value : undefined;
    row.view = view;
    row.french = view.source.map(([text]) => text).join("");
    if (typed === undefined || typed === view.saved) row.field.value = view.saved;
    row.shown = typed === undefined || typed === view.saved ? row.field.value : normal(row, view.saved, typed);
    see(row, view);
  }
  function normal(row, text, typed) { // as a field gives it back: line ends are made one kind
    const { selectionStart, selectionEnd } = row.field;
    row.field.value = text;
    const shown = row.field.value;
    row.field.value = typed;
    row.field.setSelectionRange(selectionStart, selectionEnd);
    return shown;
  }
  function see(row, view) { // what is to be said of it
    fill(row.source, view.source);
    row.runs = view.target === value(row) ? view.english : carry(row.runs || [], view.target, row.field.value);
    row.seen = view.target;
    fill(row.mirror, row.runs);
    row.said = view.notes;
    row.notes.replaceChildren(...view.notes.map((note) => {
      const item = make("li", note.severity, note.message);
      if (note.insert) {
        const put = button(`Insert “${note.insert}”`, "", () => insert(row, note));
        put.setAttribute("aria-label", `Insert ${note.insert}`);
        item.append(put);
      }
      return item;
    }));
    mark(row);
  }
  function mark(row) {
    const worst = row.said.some((note) => note.severity === "error") ? "error" : row.said.length ? "warning" : "";
    const state = stateOf(row);
    row.element.className = `row ${worst} ${state}`.replace(/ +/g, " ").trim();
    row.badge.className = `badge ${state}`;
    row.badge.textContent = row.wanted ? (stuck ? "not saved" : "being saved") : state === "edited" ? "edited, not saved" : state;
    row.undo.disabled = row.field.value === row.view.machine && !row.view.restorable;
    row.go.disabled = state === "confirmed" || row.view.origin === "copied" && state !== "edited";
  }
  const dirty = (row) => row.field.value !== row.shown;
  const value = (row) => dirty(row) ? row.field.value : row.view.saved;
  const stateOf = (row) => dirty(row) ? "edited" : row.view.origin === "post-edited" ? "confirmed" : row.view.origin === "failed" ? "failed" : row.view.origin === "copied" ? "copied" : "untouched";
  const flagged = (row) => row.said.length > 0;
  const changed = (row) => dirty(row) || row.view.saved !== row.view.machine;
  const open = (row) => dirty(row) || !["post-edited", "copied"].includes(row.view.origin);

  // ---- Typing.
  function typed(row) {
    const before = row.runs.map(([text]) => text).join("");
    row.runs = carry(row.runs, before, row.field.value);
    fill(row.mirror, row.runs);
    mark(row);
    count();
    clearTimeout(row.timer);
    row.timer = setTimeout(() => look(row), PAUSE);
  }
  function type(row, text) {
    row.field.value = text;
    typed(row);
  }
  async function look(row) {
    const target = value(row);
    try {
      const view = await ask("look", { id: row.id, target });
      if (value(row) !== target) return;
      see(row, view);
      filter();
      count();
      if (stuck === "gone") settle();
    } catch (refusal) {
      if (refusal.kind === "gone") fail(refusal);
    }
  }
  function insert(row, note) {
    const { field } = row;
    const [from, to] = note.at && row.seen === field.value ? note.at : [field.selectionStart, field.selectionEnd];
    const [start, end, text, gap] = fitting(field.value, from, to, note.insert);
    field.focus();
    field.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) field.setRangeText(text, start, end, "end"); // the former can be taken back with Ctrl+Z
    field.setSelectionRange(start + gap, start + gap + note.insert.length);
    typed(row);
  }

  // ---- Saving: one request after the other, each with what stands in the fields when its turn comes.
  const wish = (row) => ({ id: row.id, target: value(row), base: row.view.saved });
  function save(list, restored = false) {
    for (const row of list) row.wanted = true, mark(row);
    saving++;
    count();
    queue = queue.then(async () => {
      const sent = list.map(({ id }) => rows.get(id)).filter(Boolean).map((row) => restored ? { ...wish(row), target: row.view.machine, restore: true } : wish(row));
      try {
        if (!sent.length) return;
        const done = await ask("save", { sentences: sent });
        settle();
        const refused = new Set(done.refused.map(({ id }) => id));
        for (const { id, target } of sent) { // what was typed while it was being saved stays
          const row = rows.get(id);
          if (refused.has(id)) continue;
          row.wanted = false;
          if (restored || value(row) === target) row.shown = row.field.value;
        }
        for (const view of done.sentences) take(rows.get(view.id), view);
        for (const { id, why } of done.refused) {
          const row = rows.get(id);
          row.wanted = false; // the next time it is saved over what is there now
          row.said = [{ severity: "error", message: `not saved: ${why}` }];
          see(row, { ...row.view, target: value(row), english: [[value(row), "", ""]], notes: row.said });
        }
        if (done.warning) warn(`Saved; but the memory does not take it: ${done.warning}. It is tried again with the next sentence.`);
      } catch (refusal) {
        fail(refusal);
      }
    }).finally(() => {
      saving--;
      filter();
      count();
    });
    return queue;
  }
  function saveAll() {
    const list = unsaved();
    for (let at = 0; at < list.length; at += TOGETHER) save(list.slice(at, at + TOGETHER));
  }
  const unsaved = () => order.filter((row) => dirty(row) || row.wanted);
  function confirm(row) {
    if (dirty(row) || !["post-edited", "copied"].includes(row.view.origin)) save([row]);
  }
  function restore(row) {
    clearTimeout(row.timer);
    if (row.view.restorable) return void save([row], true);
    type(row, row.view.machine);
  }
  addEventListener("pagehide", () => {
    const sent = [];
    let room = KEEPALIVE;
    for (const row of unsaved()) {
      room -= new Blob([JSON.stringify(wish(row))]).size + 2;
      if (room > 0 && value(row).trim()) sent.push(wish(row));
    }
    if (sent.length) fetch("save", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ sentences: sent }) }).catch(() => {});
  });
  addEventListener("beforeunload", (event) => {
    if (stuck && unsaved().length) event.preventDefault();
  });

  // ---- What went wrong, said where it cannot be missed, until it is over.
  function fail(refusal) {
    stuck = refusal.kind;
    warn(refusal.kind === "changed" ? `${refusal.message}. “Read the file again” takes what is there now, and keeps what you have typed.` : refusal.message);
    $("again").hidden = refusal.kind === "changed";
    $("reload").hidden = refusal.kind !== "changed";
    $("copy").hidden = !unsaved().length;
    for (const row of unsaved()) mark(row);
    count();
  }
  function warn(message) {
    if ($("trouble-text").textContent !== message || $("trouble").hidden) $("trouble-text").textContent = message;
    $("trouble").hidden = false;
    for (const id of ["again", "reload", "copy"]) $(id).hidden = true;
  }
  function settle() {
    stuck = "";
    $("trouble").hidden = true;
  }
  $("again").addEventListener("click", () => unsaved().length ? saveAll() : watch());
  $("reload").addEventListener("click", async () => {
    try {
      for (const row of order) row.wanted = false;
      const article = await ask("reload", {});
      settle();
      build(article);
    } catch (refusal) {
      fail(refusal);
    }
  });
  $("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(unsaved().map((row) => `${row.id}\t${value(row)}\n`).join(""));
    $("copy").textContent = "Copied";
  });
  async function watch() {
    try {
      const { current: fresh } = await ask("state");
      if (!fresh) fail(new Refusal("Another program has changed the file", "changed"));
      else if (stuck && (stuck !== "disk" || !unsaved().length)) settle(), count();
    } catch (refusal) {
      fail(refusal);
    }
  }
  addEventListener("focus", watch);
  setInterval(() => document.visibilityState === "visible" && watch(), 15000);

  // ---- Moving.
  function go(row, end) {
    if (!row) return false;
    row.field.focus({ preventScroll: true });
    const place = end ? row.field.value.length : 0;
    row.field.setSelectionRange(place, place);
    const { top, bottom } = row.element.getBoundingClientRect();
    if (top < 110 || bottom > innerHeight - 60) row.element.scrollIntoView({ block: "center", behavior: motion.matches ? "instant" : "smooth" });
    return true;
  }
  function beside(row, step, wanted = () => true) {
    for (let at = order.indexOf(row) + step; at >= 0 && at < order.length; at += step)
      if (!order[at].element.hidden && wanted(order[at])) return order[at];
  }
  document.addEventListener("keydown", (event) => {
    const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (control && event.key.toLowerCase() === "s") {
      event.preventDefault();
      saveAll();
      return;
    }
    if ($("help").open) return;
    const row = event.target.tagName === "TEXTAREA" ? current : null;
    if (!row) {
      if (event.key === "?" && !control && !event.altKey) $("help").showModal();
      if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) event.preventDefault(), go(beside(current || order[0], event.key === "ArrowDown" ? 1 : -1, flagged));
      return;
    }
    if (event.isComposing) return;
    const arrow = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      const note = row.said.find((one) => one.insert);
      if (note) insert(row, note);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const next = beside(row, 1);
      confirm(row);
      if (!event.shiftKey) go(next);
    } else if (arrow && event.altKey) {
      event.preventDefault();
      go(beside(row, arrow, flagged));
    } else if (arrow && !event.shiftKey && !control && onEdge(row.field, row.mirror, arrow > 0)) {
      if (go(beside(row, arrow), arrow < 0)) event.preventDefault();
    } else if (event.altKey && event.code === "KeyU") {
      event.preventDefault();
      restore(row);
    } else if (event.key === "Escape") {
      row.field.blur();
    }
  });
  $("article").addEventListener("input", (event) => typed(rows.get(event.target.closest(".row").id)));
  $("article").addEventListener("focusin", (event) => {
    const row = event.target.closest(".row");
    if (row) current = rows.get(row.id);
  });
  $("article").addEventListener("focusout", () => setTimeout(filter));
  $("article").addEventListener("click", (event) => { // beside the words of a sentence is still the sentence
    const row = event.target.closest(".row");
    if (row && !event.target.closest("button, textarea") && !String(getSelection())) rows.get(row.id).field.focus();
  });

  // ---- What is shown, and what is said of it.
  function filter() {
    const wanted = document.querySelector("#show :checked").value;
    const shows = { all: () => true, flagged, edited: changed, open }[wanted];
    for (const row of order) row.element.hidden = !(shows(row) || row.field === document.activeElement);
    for (const block of $("article").children) block.hidden = [...block.children].every((row) => row.hidden);
    $("none").hidden = order.some((row) => !row.element.hidden);
  }
  function count() {
    const total = order.length, left = order.filter(open).length;
    for (const [name, number] of [["all", total], ["flagged", order.filter(flagged).length], ["edited", order.filter(changed).length], ["open", left]])
      $(`n-${name}`).textContent = number;
    const waiting = unsaved().length;
    const text = stuck ? `${waiting} not saved` : saving ? "Saving …" : waiting ? `${waiting} not saved` : "All saved";
    if ($("state").textContent !== text) $("state").textContent = text; // or it is read out again and again
    $("state").className = stuck ? "stuck" : waiting ? "unsaved" : "";
    $("save").disabled = !waiting;
    $("progress").textContent = `${total - left} of ${total} done`;
    $("done").firstElementChild.style.setProperty("--part", total ? (total - left) / total : 0);
    document.documentElement.style.setProperty("--bar", `${$("bar").offsetHeight}px`);
  }
  for (const radio of document.querySelectorAll("#show input")) radio.addEventListener("change", () => {
    filter();
    scrollTo({ top: 0, behavior: "instant" });
  });
  $("save").addEventListener("click", saveAll);
  $("keys").addEventListener("click", () => $("help").showModal());
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  $("theme").setAttribute("aria-pressed", isDark());
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    $("theme").setAttribute("aria-pressed", isDark());
  });

  if (location.search) history.replaceState(null, "", location.pathname); // the token need not be seen, nor stay in the history
  ask("article").then(build, fail);
}
