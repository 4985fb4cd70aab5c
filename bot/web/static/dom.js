// Small helpers that build DOM nodes. Text only ever enters through textContent: nothing here parses HTML.

let counter = 0;

/** An id that is unique on this page. */
export const uniqueId = (name) => `lesbrug-${name}-${++counter}`;

/**
 * An element with attributes and children. `class` and every other key become attributes (null and false are left
 * out), a function becomes an event listener, children are nodes or strings (as text); null and false are left out.
 */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, String(value));
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Text that only a screen reader reads. */
export const spoken = (text) => el("span", { class: "lesbrug-visually-hidden" }, text);

/** The address when it is a plain https link, else null. No other scheme is ever followed. */
export function httpsAddress(address) {
  if (typeof address !== "string" || !/^https:\/\//i.test(address.trim())) return null;
  try {
    const url = new URL(address.trim());
    return url.protocol === "https:" && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

/** A link to another site in a new tab; plain text when the address is not https. */
export function outsideLink(address, ...children) {
  const href = httpsAddress(address);
  if (!href) return el("span", {}, ...children);
  return el(
    "a",
    { class: "lesbrug-link lesbrug-link--external", href, rel: "noopener noreferrer", target: "_blank" },
    ...children,
    spoken(" (opent in een nieuw tabblad)"),
  );
}

const ICONS = {
  send: ["M4 12h15", "M13 6l6 6-6 6"],
  restart: ["M4 12a8 8 0 1 0 2.6-5.9", "M4 4v4.5h4.5"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  file: ["M7 3h7l4 4v14H7z", "M14 3v4h4"],
};

/** A decorative line icon that takes the colour of the text around it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", width: "20", height: "20", fill: "none", stroke: "currentColor", "stroke-width": "2",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false",
  })) svg.setAttribute(key, value);
  for (const d of ICONS[name]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
