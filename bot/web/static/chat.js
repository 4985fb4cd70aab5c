// The Lesbrug chat: mounts in an element, talks to the public HTTP interface (transport.js) and shows the conversation.
//
//   <div data-lesbrug-chat></div> <script type="module" src="…/static/chat.js"></script>     mounts by itself
//   import { LesbrugChat } from "…/static/chat.js"; new LesbrugChat(element).start();         mounts by hand
import { renderItem, sourceList } from "./cards.js";
import { el, icon, spoken, uniqueId } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { Api, ApiError, NetworkError, newKey } from "./transport.js";

const MAX_LENGTH = 2000;
const COUNTER_FROM = 1800;
const RETRY_DELAYS_MS = [500, 1500, 4000]; // the same key each time, so a retry is never a second message
const POLL_MS = 30000;
const WAIT_POLL_MS = 3000;
const WAIT_POLLS = 40;
const MAX_BUSY_ROUNDS = 5;
const MAX_RETRY_AFTER_S = 120;
const STORED = "lesbrug.gesprek"; // localStorage: {id, token}
const TICK = "lesbrug.nieuws"; // localStorage: tells other tabs that there is something new
const PENDING = "lesbrug.onderweg"; // sessionStorage: a message that was not answered yet

const TEXT = {
  disclosure: "Je praat met een computer",
  disclosureMore: "Lesbrug is een programma, geen mens, en kan zich vergissen.",
  offline: "Je bent offline. Zodra je weer verbinding hebt, kun je verder.",
  failed: "Je bericht is niet aangekomen. Controleer je verbinding en probeer het opnieuw.",
  noStart: "Lesbrug is nu niet bereikbaar. Controleer je verbinding en probeer het opnieuw.",
  unavailable: "Dit lukt nu even niet. Probeer het straks opnieuw.",
  noAnswer: "Er is nog geen antwoord gekomen. Je kunt het opnieuw proberen.",
  gone: "Je vorige gesprek is niet meer beschikbaar. We beginnen opnieuw.",
  goneText: "Je vorige gesprek is niet meer beschikbaar. We beginnen opnieuw. Je laatste bericht staat nog in het invoerveld.",
  elsewhere: "Het gesprek is in een ander tabblad opnieuw begonnen. Je ziet nu dat gesprek.",
  wiped: "Je vorige gesprek is gewist.",
  notWiped: "Het wissen is niet gelukt. Je gesprek is er nog. Probeer het straks opnieuw.",
  busy: "Wacht even: Lesbrug is nog bezig met je vorige bericht.",
  typing: "Lesbrug typt",
};

// Storage can be blocked (private windows, frames on other sites): then the conversation lives as long as the page.
const memory = new Map();
const storage = {
  get(area, key) {
    try {
      return JSON.parse(globalThis[area].getItem(key));
    } catch {
      return memory.get(key) ?? null;
    }
  },
  set(area, key, value) {
    memory.set(key, value);
    try {
      if (value === null) globalThis[area].removeItem(key);
      else globalThis[area].setItem(key, JSON.stringify(value));
    } catch {
      // kept in memory
    }
  },
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const clock = new Intl.DateTimeFormat("nl-NL", { hour: "2-digit", minute: "2-digit" });
// The server cleans typed text (spaces, invisible characters, a leading slash); compare what is left.
const comparable = (text) => String(text).normalize("NFC").replace(/[\p{C}\p{Z}\s/]+/gu, "");

export class LesbrugChat {
  /**
   * @param {HTMLElement} element is emptied and filled with the chat
   * @param {{base?: string|URL, embedded?: boolean, onClose?: () => void}} options
   *   base: address of the server (default: where this script comes from); embedded: alone in a frame, with a close button
   */
  constructor(element, { base = new URL("../", import.meta.url), embedded = false, onClose = null } = {}) {
    this.api = new Api(base);
    this.conversation = null;
    this.cursor = null; // the last message that a GET has brought; what a POST brought may have others before it
    this.shown = new Map(); // message id → element
    this.echoes = []; // own messages that the server has not confirmed with an id: {text, element}
    this.waiting = new Set(); // sent, accepted later: an answer may still be pushed
    this.busy = false;
    this.quietUntil = 0; // no polls before this moment, after a 429
    this.syncing = Promise.resolve([]);
    this.#build(element, embedded, onClose);
  }

  // --- the conversation --------------------------------------------------------------------------------------------

  /** Continues the conversation of this browser or begins a new one, and keeps it up to date. */
  async start() {
    this.#listen();
    await this.#connect();
  }

  /** Sends a text as if the person had typed it. */
  ask(text) {
    const clean = String(text).trim().slice(0, MAX_LENGTH);
    if (clean) this.#submit({ text: clean }, clean);
    return this;
  }

  focus() {
    this.input.focus();
  }

  async #connect(notice = null) {
    const stored = storage.get("localStorage", STORED);
    const retry = () => this.#connect(notice);
    try {
      if (stored?.id && stored?.token) {
        try {
          this.#showHistory(stored, await this.#persistently(() => this.api.history(stored)));
          if (notice) this.#notice(notice);
          this.#resume();
          return;
        } catch (error) {
          if (!error.gone) throw error;
          notice = TEXT.gone;
        }
      }
      await this.#begin(stored, notice);
    } catch (error) {
      this.#failure(error, TEXT.noStart, retry);
    }
  }

  // A new conversation. Two tabs that begin at the same moment get one: the second finds what the first stored.
  async #begin(old, notice) {
    await exclusively(async () => {
      const stored = storage.get("localStorage", STORED);
      if (stored?.id && stored.id !== old?.id) {
        this.#showHistory(stored, await this.api.history(stored));
      } else {
        const { id, token, messages } = await this.#persistently(() => this.api.create());
        storage.set("localStorage", STORED, { id, token });
        storage.set("sessionStorage", PENDING, null);
        this.#showHistory({ id, token }, messages ?? [], notice);
        return;
      }
      if (notice) this.#notice(notice);
    });
  }

  #showHistory(conversation, messages, notice = null) {
    this.conversation = { id: conversation.id, token: conversation.token };
    this.cursor = messages.at(-1)?.id ?? null;
    this.shown.clear();
    this.echoes = [];
    this.waiting.clear();
    this.#typing(false);
    this.#setBusy(false);
    const history = messages.length > 2;
    if (history) this.log.setAttribute("aria-busy", "true"); // a reload is no news: not to be read out whole
    this.log.replaceChildren(this.typingBubble);
    if (notice) this.#notice(notice);
    for (const message of messages) this.#add(message);
    this.log.scrollTop = history ? this.log.scrollHeight : 0;
    if (history) setTimeout(() => this.log.removeAttribute("aria-busy"), 500);
  }

  // After a reload: a message that was under way is sent again with its key, so it is answered once.
  #resume() {
    const pending = storage.get("sessionStorage", PENDING);
    const last = [...this.log.querySelectorAll("[data-from]")].at(-1);
    if (pending?.id === this.conversation.id && pending.key && pending.body) {
      const mine = [...this.log.querySelectorAll("[data-from=user]")].at(-1);
      const known = mine && comparable(mine.dataset.text) === comparable(pending.shown);
      const element = known ? mine : this.#echo(pending.shown);
      this.#deliver({ key: pending.key, body: pending.body, shown: pending.shown, element });
    } else if (last?.dataset.from === "user") {
      this.#awaitAnswer({ silent: true });
    }
  }

  async #restart() {
    const old = this.conversation;
    this.#status("Het gesprek wordt gewist.");
    this.conversation = null; // what is still under way no longer counts
    try {
      if (old) await this.#persistently(() => this.api.remove(old)).catch((error) => { if (!error.gone) throw error; });
    } catch (error) {
      this.conversation = old;
      this.#typing(false);
      this.#setBusy(false);
      this.#failure(error, TEXT.notWiped, null);
      return;
    }
    // From here on the old conversation no longer exists: also after a failure below there is nothing to return to.
    storage.set("localStorage", STORED, null);
    storage.set("sessionStorage", PENDING, null);
    this.log.replaceChildren(this.typingBubble);
    this.#status("");
    await this.#connect(old ? TEXT.wiped : null);
    this.input.focus();
  }

  // The server does not know the conversation (any more).
  async #lost(conversation, text = "") {
    if (this.conversation?.id !== conversation.id) return;
    const stored = storage.get("localStorage", STORED);
    if (stored?.id === conversation.id) storage.set("localStorage", STORED, null);
    storage.set("sessionStorage", PENDING, null);
    if (text && !this.input.value.trim()) {
      this.input.value = text;
      this.#inputChanged();
    }
    await this.#connect(stored?.id && stored.id !== conversation.id ? TEXT.elsewhere : text ? TEXT.goneText : TEXT.gone);
  }

  // --- sending ------------------------------------------------------------------------------------------------------

  #submit(body, shown) {
    if (this.busy) {
      this.#status(TEXT.busy);
      return false;
    }
    if (!this.conversation) {
      this.#status(TEXT.noStart);
      return false;
    }
    this.#deliver({ key: newKey(), body, shown, element: this.#echo(shown) });
    return true;
  }

  /** Brings one message over, whatever it takes; ends with an answer, a wait, or an error line with a button. */
  async #deliver(job) {
    const conversation = this.conversation;
    const current = () => this.conversation?.id === conversation.id;
    this.#clearTrouble(job);
    this.#setBusy(true);
    this.#typing(true);
    this.#status("");
    storage.set("sessionStorage", PENDING, { id: conversation.id, key: job.key, body: job.body, shown: job.shown });
    this.firstAnswer = null;
    const settle = (sent) => {
      if (!current()) return;
      this.#typing(false);
      this.#setBusy(false);
      if (sent) storage.set("sessionStorage", PENDING, null);
    };
    let failures = 0;
    let rounds = 0;
    for (;;) {
      try {
        for await (const { event, data } of this.api.send(conversation, job.body, job.key)) {
          if (!current()) return;
          if (event === "message" && data) this.#add(data);
          this.#typing(event !== "done");
        }
        this.#clearTrouble(job);
        settle(true);
        storage.set("localStorage", TICK, Date.now());
        return;
      } catch (error) {
        if (!current()) return;
        if (error instanceof ApiError && error.gone) {
          settle(true);
          await this.#lost(conversation, job.body.text ?? "");
          return;
        }
        if (error.status === 429 && rounds < MAX_BUSY_ROUNDS && (error.retryAfter ?? 5) <= MAX_RETRY_AFTER_S) {
          rounds += 1;
          const seconds = Math.max(1, error.retryAfter ?? 5);
          this.#typing(false);
          this.#trouble(job, `${error.detail || TEXT.unavailable} Je bericht gaat over ${seconds} ${seconds === 1 ? "seconde" : "seconden"} vanzelf opnieuw weg.`, { wait: true });
          await pause(seconds * 1000);
          if (!current()) return;
          this.#clearTrouble(job);
          this.#typing(true);
          continue;
        }
        if (error.status === 503) {
          settle(false);
          this.#trouble(job, error.detail || TEXT.unavailable, { retry: true, wait: true });
          this.#awaitAnswer(job);
          return;
        }
        if (error instanceof ApiError && !error.passing) {
          settle(true);
          this.#trouble(job, error.detail || TEXT.unavailable, { retry: error.status === 429 });
          if (error.status !== 429 && job.body.text && !this.input.value.trim()) {
            this.input.value = job.body.text;
            this.#inputChanged();
          }
          return;
        }
        if (failures < RETRY_DELAYS_MS.length && navigator.onLine !== false) {
          await pause(RETRY_DELAYS_MS[failures++]);
          if (!current()) return;
          continue;
        }
        settle(false);
        this.#trouble(job, error instanceof ApiError && error.detail ? error.detail : TEXT.failed, { retry: true });
        return;
      }
    }
  }

  // The server took the message but could not answer yet: the answer comes as a pushed message.
  async #awaitAnswer(job) {
    const conversation = this.conversation;
    this.waiting.add(job);
    if (job.silent) this.#typing(true);
    for (let poll = 0; poll < WAIT_POLLS && this.waiting.has(job); poll += 1) {
      await pause(WAIT_POLL_MS);
      if (this.conversation?.id !== conversation.id) return;
      if (this.waiting.has(job)) await this.#sync();
    }
    if (job.silent && !this.busy) this.#typing(false);
    if (this.conversation?.id === conversation.id && this.waiting.delete(job) && !job.silent) this.#trouble(job, TEXT.noAnswer, { retry: true });
  }

  // --- receiving ----------------------------------------------------------------------------------------------------

  /** Fetches what came since the last fetch and shows what is new, in its place. One at a time. */
  #sync() {
    this.syncing = this.syncing.then(async () => {
      const conversation = this.conversation;
      if (!conversation || navigator.onLine === false || Date.now() < this.quietUntil) return;
      try {
        const messages = await this.api.history(conversation, this.cursor).catch((error) => {
          if (this.cursor && (error.status === 400 || error.status === 422)) return this.api.history(conversation);
          throw error;
        });
        if (this.conversation?.id !== conversation.id) return;
        let answered = false;
        messages.forEach((message, at) => {
          const next = messages.slice(at + 1).find(({ id }) => this.shown.has(id));
          if (this.#add(message, next ? this.shown.get(next.id) : null) && message.from !== "user") answered = true;
        });
        this.cursor = messages.at(-1)?.id ?? this.cursor;
        if (answered) this.#answered();
      } catch (error) {
        if (error.gone) await this.#lost(conversation);
        else if (error.status === 429) this.quietUntil = Date.now() + 1000 * (error.retryAfter ?? 30);
      }
    });
    return this.syncing;
  }

  #answered() {
    for (const job of this.waiting) {
      if (!job.silent) this.#clearTrouble(job);
      else if (!this.busy) this.#typing(false);
    }
    this.waiting.clear();
    if (!this.busy) storage.set("sessionStorage", PENDING, null);
  }

  // A request that is not a message: some more tries after a cut connection.
  async #persistently(request) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await request();
      } catch (error) {
        const passing = error instanceof NetworkError || error.passing;
        if (!passing || failures >= RETRY_DELAYS_MS.length || navigator.onLine === false) throw error;
        await pause(RETRY_DELAYS_MS[failures]);
      }
    }
  }

  #listen() {
    const connection = () => {
      const offline = navigator.onLine === false;
      this.connection.textContent = offline ? TEXT.offline : "";
      if (!offline) this.#sync();
    };
    window.addEventListener("online", connection);
    window.addEventListener("offline", connection);
    connection();
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#sync();
    });
    setInterval(() => {
      if (document.visibilityState === "visible" && !this.busy) this.#sync();
    }, POLL_MS);
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key === TICK && !this.busy) this.#sync();
      if (key !== STORED || !newValue || !this.conversation) return;
      if (storage.get("localStorage", STORED)?.id !== this.conversation.id) this.#connect(TEXT.elsewhere);
    });
  }

  // --- showing ------------------------------------------------------------------------------------------------------

  /** Shows a message unless it is there already; true when it is new. */
  #add(message, before = null) {
    if (!message?.id || this.shown.has(message.id)) return false;
    if (message.from === "user" && this.#confirmEcho(message)) return true;
    const element = message.from === "user" ? this.#userMessage(message) : this.#botMessage(message);
    element.dataset.id = message.id;
    this.shown.set(message.id, element);
    const followed = this.#atEnd() || this.busy;
    this.log.insertBefore(element, before ?? this.typingBubble);
    if (message.from !== "user" && !before) this.#reveal(element, followed);
    return true;
  }

  #confirmEcho(message) {
    const at = this.echoes.findIndex(({ text }) => comparable(text) === comparable(message.text));
    if (at === -1) return false;
    const [{ element }] = this.echoes.splice(at, 1);
    element.dataset.id = message.id;
    this.shown.set(message.id, element);
    return true;
  }

  #echo(text) {
    const element = this.#userMessage({ text, at: new Date().toISOString() });
    this.echoes.push({ text, element });
    this.log.insertBefore(element, this.typingBubble);
    this.log.scrollTop = this.log.scrollHeight;
    return element;
  }

  #userMessage({ text, at }) {
    return el(
      "div", { class: "lesbrug-message lesbrug-message--user", "data-from": "user", "data-text": text },
      el("div", { class: "lesbrug-bubble" }, spoken("Jij: "), el("p", { class: "lesbrug-bubble__text" }, String(text ?? ""))),
      timeOf(at),
    );
  }

  #botMessage(message) {
    const staff = message.from === "staff";
    const items = (message.items ?? []).filter((item) => item && typeof item === "object");
    const image = message.image?.url ? this.#image(message.image) : null;
    const body = el("div", { class: "lesbrug-markdown" });
    body.append(renderMarkdown(message.text));
    return el(
      "div", { class: `lesbrug-message lesbrug-message--${staff ? "staff" : "bot"}`, "data-from": staff ? "staff" : "bot" },
      el("div", { class: "lesbrug-bubble" },
        staff ? el("p", { class: "lesbrug-bubble__sender" }, "Medewerker") : spoken("Lesbrug: "),
        body, image, sourceList(message.sources)),
      timeOf(message.at),
      items.map((item) => renderItem(item, items)),
      this.#documents(message.documents ?? []),
      this.#buttons(message.buttons ?? []),
    );
  }

  #buttons(buttons) {
    const usable = buttons.filter((button) => button?.title && button.payload);
    if (!usable.length) return null;
    return el("div", { class: "lesbrug-replies", role: "group", "aria-label": "Antwoorden om te kiezen" },
      usable.map(({ title, payload }) =>
        el("button", { type: "button", class: "lesbrug-reply", click: () => this.#submit({ payload }, title) }, String(title))));
  }

  #documents(documents) {
    const usable = documents.filter((document) => document?.url && this.api.own(document.url));
    if (!usable.length) return null;
    return el("ul", { class: "lesbrug-documents" }, usable.map((document) => {
      const kind = { "application/pdf": "pdf", "text/markdown": "md" }[String(document.type).split(";")[0]] ?? "";
      const link = el("a", { class: "lesbrug-link lesbrug-document", href: this.api.own(document.url).href, download: true },
        icon("file"), el("span", {}, document.title || "Document", kind ? ` (${kind})` : ""));
      link.addEventListener("click", (event) => {
        event.preventDefault(); // the address alone opens nothing: the token goes along in a header
        this.#download(document, kind);
      });
      return el("li", {}, link);
    }));
  }

  async #download({ url, title }, kind) {
    this.#status("Het document wordt opgehaald.");
    try {
      const { blob, name } = await this.api.file(url, this.conversation);
      const address = URL.createObjectURL(blob);
      el("a", { href: address, download: name ?? `${title || "document"}${kind ? `.${kind}` : ""}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60000);
      this.#status("Het document is gedownload.");
    } catch (error) {
      this.#status("");
      const expired = error.status === 404 || error.status === 410;
      this.#notice(error.detail || (expired ? "Dit document is verlopen. Vraag het opnieuw aan." : "Het document ophalen lukt nu niet."), "error");
    }
  }

  #image({ url, alt }) {
    const address = this.api.own(url);
    if (!address) return null;
    const image = el("img", { class: "lesbrug-image", alt: alt ?? "" });
    if (!address.pathname.slice(this.api.base.pathname.length - 1).startsWith("/api/")) image.src = address.href;
    else {
      // a data: address, since the page's policy allows no blob: images
      this.api.file(url, this.conversation).then(({ blob }) => {
        const reader = new FileReader();
        reader.addEventListener("load", () => { image.src = reader.result; });
        reader.readAsDataURL(blob);
      }).catch(() => image.replaceWith(el("p", { class: "lesbrug-image-lost" }, `Afbeelding: ${alt ?? "niet beschikbaar"}`)));
    }
    return image;
  }

  /** A line of the page itself in the log: read out, and not by colour alone. */
  #notice(text, kind = "info", ...controls) {
    const line = el("div", { class: `lesbrug-notice lesbrug-notice--${kind}` },
      el("p", {}, kind === "info" ? null : [el("span", { "aria-hidden": "true" }, "! "), spoken("Let op: ")], text), ...controls);
    this.log.insertBefore(line, this.typingBubble);
    this.log.scrollTop = this.log.scrollHeight;
    return line;
  }

  #trouble(job, text, { retry = false, wait = false } = {}) {
    this.#clearTrouble(job);
    job.line = this.#notice(text, wait ? "wait" : "error", retry && this.#retryButton(() => {
      if (this.busy) return this.#status(TEXT.busy);
      this.waiting.delete(job);
      this.#deliver(job);
    }));
  }

  #clearTrouble(job) {
    if (job.line?.contains(document.activeElement)) this.input.focus(); // never lose the focus with the button
    job.line?.remove();
    job.line = null;
  }

  #failure(error, text, retry) {
    this.#status("");
    const line = this.#notice(error instanceof ApiError && error.detail ? error.detail : text, "error", retry && this.#retryButton(() => {
      this.input.focus();
      line.remove();
      retry();
    }));
  }

  #retryButton(press) {
    return el("button", { type: "button", class: "lesbrug-button lesbrug-button--secondary", click: press }, "Probeer opnieuw");
  }

  #typing(on) {
    if (this.typingBubble.hidden === !on) return;
    const followed = this.#atEnd();
    this.typingBubble.hidden = !on;
    this.typingText.textContent = on ? TEXT.typing : "";
    if (on && followed) this.log.scrollTop = this.log.scrollHeight;
  }

  #atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  // A long answer is read from its beginning: scroll no further than the top of the first message of the answer.
  #reveal(element, followed) {
    if (!followed) return;
    if (!this.firstAnswer?.isConnected) this.firstAnswer = element;
    const top = this.firstAnswer.getBoundingClientRect().top - this.log.getBoundingClientRect().top + this.log.scrollTop - 12;
    this.log.scrollTop = Math.min(top, this.log.scrollHeight);
    if (!this.busy) this.firstAnswer = null;
  }

  #status(text) {
    this.statusText.textContent = text;
  }

  #setBusy(busy) {
    this.busy = busy;
    this.#inputChanged();
  }

  #inputChanged() {
    const length = this.input.value.length;
    // aria-disabled and not disabled: the button keeps the focus and says why nothing happens
    this.send.setAttribute("aria-disabled", String(this.busy || !this.input.value.trim()));
    this.counter.hidden = length < COUNTER_FROM;
    this.counter.textContent = `${length} van ${MAX_LENGTH} tekens`;
    const left = MAX_LENGTH - length;
    if (length >= COUNTER_FROM && (left === 0 || left % 50 === 0 || !this.counted)) {
      this.#status(left === 0 ? "De maximale lengte is bereikt." : `Nog ${left} tekens.`);
    }
    this.counted = length >= COUNTER_FROM;
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`; // the stylesheet sets the maximum of four lines
  }

  // --- the frame of the chat ----------------------------------------------------------------------------------------

  #build(element, embedded, onClose) {
    const [titleId, inputId, hintId] = ["titel", "bericht", "hint"].map(uniqueId);
    const logo = new URL("static/logo.svg", this.api.base).href;

    this.typingText = el("p", { class: "lesbrug-visually-hidden", role: "status" });
    this.statusText = el("p", { class: "lesbrug-chat__status", role: "status" });
    this.connection = el("p", { class: "lesbrug-chat__connection", role: "status" });
    this.typingBubble = el("div", { class: "lesbrug-typing", "aria-hidden": "true", hidden: true }, el("span"), el("span"), el("span"));
    this.log = el("div", { class: "lesbrug-chat__log", role: "log", "aria-live": "polite", "aria-label": "Gesprek", tabindex: "0" }, this.typingBubble);

    this.input = el("textarea", {
      id: inputId, class: "lesbrug-chat__input", rows: "1", maxlength: MAX_LENGTH, placeholder: "Typ je vraag", autocomplete: "off",
      enterkeyhint: "send", "aria-describedby": hintId,
      input: () => { this.#status(""); this.#inputChanged(); },
      keydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#sendTyped();
      },
    });
    this.send = el("button", { type: "submit", class: "lesbrug-button lesbrug-button--primary lesbrug-chat__send" }, icon("send"), spoken("Verstuur"));
    this.counter = el("span", { class: "lesbrug-chat__counter", hidden: true });
    const form = el("form", { class: "lesbrug-chat__form", novalidate: true, submit: (event) => { event.preventDefault(); this.#sendTyped(); } },
      el("label", { class: "lesbrug-visually-hidden", for: inputId }, "Je bericht"),
      el("div", { class: "lesbrug-chat__field" }, this.input, this.send),
      el("div", { class: "lesbrug-chat__foot" },
        el("span", { id: hintId, class: "lesbrug-chat__hint" }, "Enter verstuurt, Shift + Enter geeft een nieuwe regel"), this.counter));

    const confirm = this.#confirmDialog();
    const restart = el("button", { type: "button", class: "lesbrug-button lesbrug-button--quiet", "aria-haspopup": "dialog", click: () => this.#ask(confirm) },
      icon("restart"), el("span", { class: "lesbrug-chat__action-text" }, "Opnieuw beginnen"));
    const close = embedded && el("button", { type: "button", class: "lesbrug-button lesbrug-button--quiet", click: () => onClose?.() },
      icon("close"), spoken("Sluit de chat"));

    element.replaceChildren(el(
      "section", { class: `lesbrug-chat${embedded ? " lesbrug-chat--embedded" : ""}`, "aria-labelledby": titleId },
      el("div", { class: "lesbrug-chat__header" },
        el("img", { class: "lesbrug-chat__logo", src: logo, alt: "", width: "40", height: "40" }),
        el("div", { class: "lesbrug-chat__heading" },
          el(embedded ? "h1" : "h2", { id: titleId, class: "lesbrug-chat__title" }, "Lesbrug"),
          el("p", { class: "lesbrug-chat__subtitle" }, "Digitale assistent")),
        restart, close),
      el("p", { class: "lesbrug-chat__disclosure" }, el("strong", {}, TEXT.disclosure), ". ", TEXT.disclosureMore),
      this.log, this.connection, this.statusText, this.typingText, form, confirm,
    ));
    this.#inputChanged();
  }

  #confirmDialog() {
    const [titleId, textId] = ["wissen", "gevolg"].map(uniqueId);
    const dialog = el(
      "dialog", { class: "lesbrug-dialog", "aria-labelledby": titleId, "aria-describedby": textId },
      el("p", { id: titleId, class: "lesbrug-dialog__title" }, el("strong", {}, "Gesprek wissen en opnieuw beginnen?")),
      el("p", { id: textId }, "We wissen dit gesprek en wat daarvan is bewaard. Je kunt het niet terughalen."),
      el("div", { class: "lesbrug-dialog__actions" },
        el("button", { type: "button", class: "lesbrug-button lesbrug-button--primary", click: () => { dialog.close(); this.#restart(); } }, "Ja, wis het gesprek"),
        el("button", { type: "button", class: "lesbrug-button lesbrug-button--secondary", click: () => dialog.close() }, "Nee, ga verder")),
    );
    return dialog;
  }

  #ask(dialog) {
    dialog.showModal();
    dialog.querySelector(".lesbrug-button--secondary").focus(); // the choice that breaks nothing
  }

  #sendTyped() {
    const text = this.input.value.trim();
    if (!text) {
      this.#status("Typ eerst je vraag.");
      this.input.focus();
      return;
    }
    if (!this.#submit({ text }, text)) return;
    this.input.value = "";
    this.#inputChanged();
    this.input.focus();
  }
}

function timeOf(at) {
  const moment = new Date(at ?? "");
  if (Number.isNaN(moment.getTime())) return null;
  return el("time", { class: "lesbrug-message__time", datetime: moment.toISOString() }, clock.format(moment));
}

// One tab at a time. Without that certainty where the Web Locks API is missing (no https) or refused (a frame on another
// site in a browser that blocks storage there: the request then fails before the work has begun).
async function exclusively(work) {
  let begun = false;
  try {
    return await navigator.locks.request("lesbrug.begin", () => {
      begun = true;
      return work();
    });
  } catch (error) {
    if (begun) throw error;
    return work();
  }
}

// --- mounting by itself -----------------------------------------------------------------------------------------------

for (const element of document.querySelectorAll("[data-lesbrug-chat]")) {
  const embedded = element.dataset.lesbrugChat === "embed";
  const close = () => window.parent.postMessage({ type: "lesbrug:close" }, "*"); // says nothing but "close"
  const chat = new LesbrugChat(element, { embedded, onClose: close });
  if (embedded) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
    });
    window.addEventListener("message", (event) => {
      if (event.source === window.parent && event.data?.type === "lesbrug:open") chat.focus();
    });
  }
  for (const example of document.querySelectorAll("[data-lesbrug-ask]")) {
    example.addEventListener("click", () => {
      element.scrollIntoView({ block: "nearest" });
      chat.log.focus({ preventScroll: true });
      chat.ask(example.textContent);
    });
  }
  chat.start();
}
