// Puts the Lesbrug chat on any site: <script src="https://…/embed.js" async></script>
// Optional: data-title="Vraag het Lesbrug" (the text of the button and the name of the window).
// The chat runs in an iframe of its own, the button in a shadow root: styles of the site and of the chat do not meet.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.Lesbrug) return;
  const page = new URL("static/embed.html", script.src);
  const title = (script.dataset.title || "").trim() || "Vraag het Lesbrug";

  const css = `
    :host { all: initial; position: fixed; z-index: 2147483000; inset: auto 0 0 auto; color-scheme: light dark;
      font: 600 1rem/1.25 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    * { box-sizing: border-box; }
    button { position: fixed; right: max(1rem, env(safe-area-inset-right)); bottom: max(1rem, env(safe-area-inset-bottom));
      display: inline-flex; align-items: center; gap: .625rem; min-height: 3.25rem; max-width: calc(100vw - 2rem); margin: 0;
      padding: .5rem 1.25rem .5rem 1rem; border: 2px solid #fff; border-radius: 1.75rem; background: #0a5a66; color: #fff;
      font: inherit; cursor: pointer; box-shadow: 0 6px 24px rgb(4 30 35 / .28); }
    button:hover { background: #084650; }
    button:focus-visible { outline: 3px solid #0a5a66; outline-offset: 3px; box-shadow: 0 0 0 3px #fff, 0 6px 24px rgb(4 30 35 / .28); }
    svg { flex: none; width: 1.625rem; height: 1.625rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .panel { position: fixed; right: max(1rem, env(safe-area-inset-right)); bottom: 5.25rem; width: min(26rem, calc(100vw - 2rem));
      height: min(42rem, calc(100dvh - 6.5rem)); border: 1px solid #c3d0d2; border-radius: 1.125rem; overflow: hidden;
      background: Canvas; box-shadow: 0 18px 60px rgb(4 30 35 / .3); }
    .panel[hidden] { display: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    @media (max-width: 30rem), (max-height: 26rem) {
      .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; }
      .panel:not([hidden]) ~ button { display: none; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel { animation: rise .18s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(.75rem); } }
    }
    @media print { :host { display: none; } }
    @media (forced-colors: active) { button { border-color: ButtonText; } }`;

  const make = (name, attributes) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };

  const host = make("div", { "data-lesbrug": "" });
  const root = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet(); // also allowed on a site whose policy forbids inline styles
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement("style");
    style.textContent = css;
    root.append(style);
  }

  const panel = make("div", { class: "panel", id: "lesbrug-panel", hidden: "" });
  const launcher = make("button", { type: "button", "aria-expanded": "false", "aria-controls": "lesbrug-panel" });
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawing.setAttribute("d", "M5 3.5h14a2 2 0 0 1 2 2V15a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V5.5a2 2 0 0 1 2-2zM7 13h10M8 13a4 4 0 0 1 8 0");
  picture.append(drawing);
  const label = document.createElement("span");
  label.textContent = title;
  launcher.append(picture, label);
  root.append(panel, launcher);

  let frame = null; // made at the first opening: until then nothing is loaded and no conversation exists
  const isOpen = () => !panel.hidden;

  function enter() {
    frame.focus();
    frame.contentWindow?.postMessage({ type: "lesbrug:open" }, page.origin);
  }

  function open() {
    if (isOpen()) return;
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    label.textContent = "Sluit de chat";
    if (frame) return enter();
    frame = make("iframe", { title, src: page.href, referrerpolicy: "origin" });
    frame.addEventListener("load", enter);
    panel.append(frame);
  }

  function close() {
    if (!isOpen()) return;
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    label.textContent = title;
    launcher.focus();
  }

  const toggle = () => (isOpen() ? close() : open());

  launcher.addEventListener("click", toggle);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) {
      event.stopPropagation();
      close();
    }
  });
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== page.origin) return;
    if (event.data?.type === "lesbrug:close") close();
  });

  window.Lesbrug = Object.freeze({ open, close, toggle });
  const attach = () => document.body.append(host);
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);
})();
