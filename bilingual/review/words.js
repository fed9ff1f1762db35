// Words in a page: text set as text, marks that stay on their words, where a caret is, where an inserted term fits.

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}
export function fill(element, runs) {
  element.replaceChildren(...runs.map(([text, kind, said]) => {
    if (!kind) return document.createTextNode(text);
    const mark = make("span", `m ${kind}`, text);
    if (said) mark.title = said;
    return mark;
  }));
}

// Marks stay on the words that were not touched, until the server has looked again.
export function carry(runs, before, after) {
  let head = 0, tail = 0;
  const most = Math.min(before.length, after.length);
  while (head < most && before[head] === after[head]) head++;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const kept = [];
  let at = 0, written = 0;
  for (const [text, kind, said] of runs) {
    const end = at + text.length;
    const shift = end <= head ? 0 : at >= before.length - tail ? after.length - before.length : null;
    if (kind && shift !== null) {
      if (at + shift > written) kept.push([after.slice(written, at + shift), "", ""]);
      kept.push([text, kind, said]);
      written = end + shift;
    }
    at = end;
  }
  if (written < after.length) kept.push([after.slice(written), "", ""]);
  return kept;
}

// Whether the caret of a field is in its first or last line, measured in the mirror, which is laid out alike.
export function onEdge(field, mirror, down) {
  if (field.selectionStart !== field.selectionEnd) return false;
  const range = document.createRange();
  let left = field.selectionStart;
  const walker = document.createTreeWalker(mirror, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  const last = left === field.value.length;
  while (node && (last ? left > node.data.length : left >= node.data.length)) left -= node.data.length, node = walker.nextNode();
  if (!node) return true;
  range.setStart(node, left);
  range.setEnd(node, last ? left : left + 1); // where a line wraps, the caret stands before the letter that follows
  const caret = range.getClientRects()[0] || range.getBoundingClientRect();
  const box = mirror.getBoundingClientRect(), line = parseFloat(getComputedStyle(mirror).lineHeight);
  return down ? box.bottom - caret.bottom < line : caret.top - box.top < line;
}

// Where a term goes that is put in (in place of what is selected, or before the closing marks), with the spaces that it needs: [start, end, text, spaces before].
export function fitting(text, start, end, term) {
  if (start === end && end === text.length) start = end = text.replace(/[\s.!?…”"»)]+$/, "").length;
  const left = start && !/[\s(“‘"«—-]$/.test(text.slice(0, start)) ? " " : "";
  const right = /^[\p{L}\p{N}]/u.test(text.slice(end)) ? " " : "";
  return [start, end, left + term + right, left.length];
}
