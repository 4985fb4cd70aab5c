// A small, safe renderer of the Markdown that the assistant writes: paragraphs, line breaks, bold, italic, code,
// lists, https links; headings become strong paragraphs. It builds nodes with textContent, so markup in a text
// (also in a name or a vacancy that another person typed) stays text. Everything else is shown as it was written.
import { el, httpsAddress, outsideLink } from "./dom.js";

const MAX_LENGTH = 20000;
const MAX_DEPTH = 6;
const LIST_ITEM = /^(\s*)(?:([-*+•])|(\d{1,4})[.)])\s+(.*)$/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const RULE = /^\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/;
const ESCAPABLE = "\\`*_{}[]()#+-.!<>|~";

/** The Markdown text as a DocumentFragment. */
export function renderMarkdown(text) {
  const lines = String(text ?? "").slice(0, MAX_LENGTH).replace(/\r\n?/g, "\n").split("\n");
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks(lines, 0));
  return fragment;
}

function blocks(lines, depth) {
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    const heading = HEADING.exec(line);
    if (!line.trim()) {
      at += 1;
    } else if (heading) {
      nodes.push(el("p", { class: "lesbrug-heading" }, el("strong", {}, ...inline(heading[1]))));
      at += 1;
    } else if (RULE.test(line)) {
      nodes.push(el("hr"));
      at += 1;
    } else if (LIST_ITEM.test(line) && depth < MAX_DEPTH) {
      const [list, next] = listAt(lines, at, depth);
      nodes.push(list);
      at = next;
    } else {
      const paragraph = [line];
      for (at += 1; at < lines.length; at += 1) {
        const next = lines[at];
        if (!next.trim() || HEADING.test(next) || (LIST_ITEM.test(next) && depth < MAX_DEPTH)) break;
        paragraph.push(next);
      }
      nodes.push(el("p", {}, ...withBreaks(paragraph)));
    }
  }
  return nodes;
}

// A list runs as long as there are items of its kind at its indentation; deeper lines belong to the item above.
function listAt(lines, start, depth) {
  const [, margin, bullet, number] = LIST_ITEM.exec(lines[start]);
  const indent = margin.length;
  const list = el(bullet ? "ul" : "ol", { start: !bullet && Number(number) !== 1 ? Number(number) : null });
  let at = start;
  while (at < lines.length) {
    const match = LIST_ITEM.exec(lines[at]);
    if (!match || match[1].length !== indent || Boolean(match[2]) !== Boolean(bullet)) break;
    const first = match[4];
    const inner = [];
    for (at += 1; at < lines.length; at += 1) {
      const line = lines[at];
      const depthOfLine = line.length - line.trimStart().length;
      if (line.trim() && depthOfLine <= indent) break;
      if (!line.trim() && !belongsToItem(lines, at, indent)) break;
      inner.push(line);
    }
    while (inner.length && !inner[inner.length - 1].trim()) inner.pop();
    list.append(el("li", {}, ...inline(first), ...(inner.length ? blocks(dedent(inner), depth + 1) : [])));
    // blank lines between two items of the same list do not end it
    let next = at;
    while (next < lines.length && !lines[next].trim()) next += 1;
    const following = next < lines.length ? LIST_ITEM.exec(lines[next]) : null;
    if (following && following[1].length === indent && Boolean(following[2]) === Boolean(bullet)) at = next;
  }
  return [list, at];
}

function belongsToItem(lines, blank, indent) {
  for (let at = blank + 1; at < lines.length; at += 1) {
    if (lines[at].trim()) return lines[at].length - lines[at].trimStart().length > indent;
  }
  return false;
}

function dedent(lines) {
  const filled = lines.filter((line) => line.trim());
  const margin = Math.min(...filled.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin));
}

function withBreaks(lines) {
  return lines.flatMap((line, at) => (at ? [el("br"), ...inline(line.trim())] : inline(line.trim())));
}

/** One line of Markdown as an array of nodes and strings. */
function inline(text, depth = 0) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(plain);
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const rest = text[at];
    if (rest === "\\" && ESCAPABLE.includes(text[at + 1] ?? " ")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const found = depth < MAX_DEPTH ? construct(text, at, depth) : null;
    if (found) {
      flush();
      out.push(found.node);
      at = found.end;
    } else {
      plain += rest;
      at += 1;
    }
  }
  flush();
  return out;
}

function construct(text, at, depth) {
  const char = text[at];
  if (char === "`") {
    const end = text.indexOf("`", at + 1);
    return end > at + 1 ? { node: el("code", {}, text.slice(at + 1, end)), end: end + 1 } : null;
  }
  if (char === "[") return link(text, at, depth);
  if (char === "h" && text.startsWith("https://", at) && !/[\w]/.test(text[at - 1] ?? " ")) return bareLink(text, at);
  if (char === "*" || char === "_") {
    const mark = text[at + 1] === char ? char + char : char;
    return emphasis(text, at, mark, depth);
  }
  return null;
}

function emphasis(text, at, mark, depth) {
  const word = /[\p{L}\p{N}]/u;
  const from = at + mark.length;
  if (!text[from] || /\s/.test(text[from])) return null;
  if (mark[0] === "_" && word.test(text[at - 1] ?? " ")) return null;
  for (let end = text.indexOf(mark, from + 1); end !== -1; end = text.indexOf(mark, end + 1)) {
    if (mark.length === 1 && text[end + 1] === mark) {
      end += 1; // a double mark inside single emphasis is strong, not the end
      continue;
    }
    if (/\s/.test(text[end - 1]) || text[end - 1] === "\\") continue;
    if (mark[0] === "_" && word.test(text[end + mark.length] ?? " ")) continue;
    const name = mark.length === 2 ? "strong" : "em";
    return { node: el(name, {}, ...inline(text.slice(from, end), depth + 1)), end: end + mark.length };
  }
  return null;
}

function link(text, at, depth) {
  const close = text.indexOf("](", at);
  if (close === -1 || close - at > 500) return null;
  // parentheses inside the address are allowed when they are balanced, as in some wiki addresses
  let open = 0;
  let end = close + 2;
  for (; end < text.length; end += 1) {
    if (text[end] === "(") open += 1;
    else if (text[end] === ")" && open-- === 0) break;
    else if (/\s/.test(text[end])) break;
  }
  if (text[end] !== ")") return null;
  const label = text.slice(at + 1, close);
  if (!label.trim() || label.includes("[")) return null;
  const address = text.slice(close + 2, end);
  // An address that is not https is shown as text, so that nothing is hidden and nothing can be followed.
  if (!httpsAddress(address)) return { node: el("span", {}, `${label} (${address})`), end: end + 1 };
  return { node: outsideLink(address, ...inline(label, MAX_DEPTH - 1)), end: end + 1 };
}

function bareLink(text, at) {
  const address = /^https:\/\/[^\s<>"'\])}*]+/.exec(text.slice(at, at + 2000))?.[0].replace(/[.,;:!?]+$/, "");
  if (!address || !httpsAddress(address)) return null;
  return { node: outsideLink(address, address.replace(/^https:\/\//, "").replace(/\/$/, "")), end: at + address.length };
}
