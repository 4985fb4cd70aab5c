// Results as cards: one layout per kind of item, a plain list of fields for a kind that this page does not know yet.
import { el, outsideLink, spoken } from "./dom.js";

const UNKNOWN = "onbekend";
const PAYERS = { bedrijf: "het bedrijf", school: "de school", werkende: "de werkende", fonds: "fonds of overheid" };
const STATES = {
  met: ["✓", "voldoet"],
  missing: ["✕", "ontbreekt nog"],
  unknown: ["?", "nog niet bekend"],
};
const SUITABLE = { yes: ["✓", "past bij je"], maybe: ["?", "past misschien"], no: ["✕", "past nu niet"] };
const APPLIES = { yes: ["✓", "geldt voor jou"], maybe: ["?", "geldt misschien"], no: ["✕", "geldt niet"] };
const WORDS = {
  open: "open", closed: "gesloten", announced: "aangekondigd", check: "eerst navragen",
  twee_aanstellingen: "Twee aanstellingen", detachering: "Detachering", zzp: "Zzp", ...PAYERS,
};
const KINDS = {
  vacancy: "Vacature", candidate: "Kandidaat", occupation: "Beroep", cost: "Kosten", scheme: "Regeling", route: "Route",
};
const LABELS = {
  role: "Rol", route: "Route", sector: "Sector", school: "School", place: "Plaats", distance_km: "Afstand", subjects: "Vakken",
  hours_per_week: "Uren per week", day_parts: "Dagdelen", period: "Periode", reasons: "Waarom dit past", missing: "Wat nog ontbreekt",
  response_rate: "Hoe vaak de school antwoordt", median_answer_days: "Antwoord meestal na", occupation: "Beroep", education: "Opleiding",
  experience_years: "Ervaring", confirmed_on: "Bevestigd op", overlap: "Overlap", shared_skills: "Kun je al",
  missing_skills: "Mist nog", demand: "Vraag", demand_source: "Bron van de vraag", vacancies: "Vacatures", teaches: "Vak om te geven",
  contract_form: "Contractvorm", weeks: "Weken", totals_eur: "Totaal per betaler", break_even_rate_eur: "Kostendekkend uurtarief",
  compensation: "Vergoedingen", assumptions: "Aannames", amount_eur: "Bedrag", applies: "Geldt het?", why: "Waarom", status: "Status",
  deadline: "Uiterlijk", as_of: "Stand van", apply_at: "Aanvragen bij", scheme: "Regeling", payer: "Wie betaalt",
  training: "Scholing", duration_weeks: "Duur", duration_months: "Duur", study_hours_week: "Studie per week", costs_eur: "Kosten",
  next_step: "Eerste stap", desk: "Loket", requirements: "Eisen", skill: "Vaardigheid", label: "Post", formula: "Berekening",
  source: "Bron", text: "Wat", title: "Titel",
};
const UNITS = {
  distance_km: ["km", "km"], median_answer_days: ["dag", "dagen"], experience_years: ["jaar", "jaar"], duration_weeks: ["week", "weken"],
  duration_months: ["maand", "maanden"], study_hours_week: ["uur", "uur"], hours_per_week: ["uur", "uur"], weeks: ["week", "weken"],
};
const HIDDEN = new Set(["kind", "id", "demo", "lower", "higher", "sources", "title"]);

const numbers = new Intl.NumberFormat("nl-NL", { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat("nl-NL", { style: "percent", maximumFractionDigits: 0 });
const money = new Intl.NumberFormat("nl-NL", { style: "currency", currency: "EUR" });
const roundMoney = new Intl.NumberFormat("nl-NL", { style: "currency", currency: "EUR", maximumFractionDigits: 0 });
const dates = new Intl.DateTimeFormat("nl-NL", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** An amount in euros, whole euros without cents; "onbekend" for null. */
export function euros(amount) {
  if (typeof amount !== "number" || !Number.isFinite(amount)) return UNKNOWN;
  return (Number.isInteger(amount) ? roundMoney : money).format(amount);
}

/** A date as Dutch people write it; anything that is no full date ("2023") as it came. */
export function dutchDate(text) {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T|$)/.exec(String(text));
  return match ? dates.format(new Date(Date.UTC(+match[1], +match[2] - 1, +match[3]))) : String(text);
}

/** [min, max] as "10 tot 18 maanden"; one value where both are equal; "onbekend" where neither is known. */
function range(pair, format, unit = ["", ""]) {
  const known = (value) => value !== null && value !== undefined;
  const [low, high] = Array.isArray(pair) ? pair : [pair, pair];
  const named = (text, value) => [text, value === 1 ? unit[0] : unit[1]].filter(Boolean).join(" ");
  if (!known(low) && !known(high)) return UNKNOWN;
  if (!known(low)) return named(`tot ${format(high)}`, high);
  if (!known(high)) return named(`vanaf ${format(low)}`, low);
  return low === high ? named(format(low), low) : named(`${format(low)} tot ${format(high)}`, high);
}

const number = (value) => (typeof value === "number" ? numbers.format(value) : dutchDate(value));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const words = (text) => WORDS[text] ?? dutchDate(String(text));
const named = (text) => (text === null || text === undefined || text === "" ? UNKNOWN : capital(String(text).replaceAll("_", " ")));
const labelOf = (key) => LABELS[key] ?? capital(key.replace(/_eur$/, "").replaceAll("_", " "));
const isRange = (value) =>
  Array.isArray(value) && value.length === 2 && value.every((part) => part === null || typeof part === "number") && value.some((part) => part !== null);

/** A collapsible list of sources with the year that each was read for; null when there are none. */
export function sourceList(sources) {
  const list = (Array.isArray(sources) ? sources : []).filter((source) => source && (source.title || source.url));
  if (!list.length) return null;
  return el(
    "details", { class: "lesbrug-sources" },
    el("summary", {}, `Bronnen (${list.length})`),
    el("ul", {}, list.map((source) =>
      el("li", {}, outsideLink(source.url, source.title || source.url), source.as_of ? ` (${dutchDate(source.as_of)})` : null))),
  );
}

/** The card of one item. `siblings`: the other items of the message, to name a lower and a higher step. */
export function renderItem(item, siblings = []) {
  if (item.kind === "route") return routeCard(item, siblings);
  if (item.kind === "cost") return costCard(item);
  return genericCard(item);
}

function card(item, { kicker, title, badge }, ...body) {
  return el(
    "section", { class: "lesbrug-card", "data-kind": item.kind, "data-item": item.id },
    el("div", { class: "lesbrug-card__head" },
      el("p", { class: "lesbrug-card__kicker" }, kicker),
      badge ? mark(...badge) : null,
      item.demo === true ? el("span", { class: "lesbrug-badge lesbrug-badge--demo" }, "voorbeeldgegevens") : null),
    el("p", { class: "lesbrug-card__title" }, el("strong", {}, title)),
    ...body,
    sourceList(item.sources),
  );
}

function mark(state, [symbol, text]) {
  return el("span", { class: `lesbrug-badge lesbrug-badge--${state}` }, el("span", { "aria-hidden": "true" }, `${symbol} `), text);
}

function definitions(rows) {
  return el("dl", { class: "lesbrug-facts" }, rows.filter(Boolean).map(([term, value]) =>
    el("div", {}, el("dt", {}, term), el("dd", {}, value))));
}

function titled(title, ...content) {
  return el("div", { class: "lesbrug-card__part" }, el("p", { class: "lesbrug-card__subtitle" }, el("strong", {}, title)), ...content);
}

function bullets(list) {
  return el("ul", {}, list.map((entry) => el("li", {}, typeof entry === "object" && entry ? sentence(entry) : words(entry))));
}

function requirementList(requirements) {
  return el("ul", { class: "lesbrug-requirements" }, requirements.map(({ text, state }) => {
    const known = STATES[state] ? state : "unknown";
    const [symbol, meaning] = STATES[known];
    return el("li", { class: `lesbrug-requirement lesbrug-requirement--${known}` },
      el("span", { class: "lesbrug-requirement__symbol", "aria-hidden": "true" }, symbol),
      el("span", {}, String(text), " ", el("span", { class: "lesbrug-requirement__state" }, `– ${meaning}`)));
  }));
}

function payerText(payer) {
  if (Array.isArray(payer)) return payer.map(payerText).join(" en ");
  return payer ? (PAYERS[payer] ?? String(payer)) : UNKNOWN;
}

function routeCard(route, siblings) {
  const step = (id) => {
    const other = siblings.find((sibling) => sibling.id === id);
    return other ? named(other.route ?? other.title) : null;
  };
  const [lower, higher] = [step(route.lower), step(route.higher)];
  return card(
    route,
    {
      kicker: [named(route.role), route.sector].filter(Boolean).join(" · "),
      title: named(route.route),
      badge: SUITABLE[route.suitable] ? [route.suitable, SUITABLE[route.suitable]] : null,
    },
    definitions([
      ["Duur", range(route.duration_months, number, UNITS.duration_months)],
      ["Studie per week", range(route.study_hours_week, number, UNITS.study_hours_week)],
      ["Kosten", range(route.costs_eur, euros)],
      ["Wie betaalt", payerText(route.payer)],
    ]),
    route.requirements?.length ? titled("Eisen", requirementList(route.requirements)) : null,
    route.reasons?.length ? titled("Waarom", bullets(route.reasons)) : null,
    route.next_step ? titled("Eerste stap", el("p", {}, value("next_step", route.next_step))) : null,
    route.desk ? titled("Loket", el("p", {}, value("desk", route.desk))) : null,
    lower ? el("p", { class: "lesbrug-card__step" }, `Een stap lichter: ${lower}`) : null,
    higher ? el("p", { class: "lesbrug-card__step" }, `Een stap verder: ${higher}`) : null,
  );
}

function costCard(cost) {
  const lines = Array.isArray(cost.lines) ? cost.lines : [];
  const totals = Object.entries(cost.totals_eur ?? {});
  return card(
    cost,
    { kicker: KINDS.cost, title: named(WORDS[cost.contract_form] ?? cost.contract_form) },
    definitions([
      ["Uren per week", number(cost.hours_per_week ?? UNKNOWN)],
      ["Weken", number(cost.weeks ?? UNKNOWN)],
      ["Kostendekkend uurtarief", euros(cost.break_even_rate_eur)],
    ]),
    lines.length
      ? titled("Posten", el("ul", { class: "lesbrug-lines" }, lines.map((line) =>
          el("li", {},
            el("div", { class: "lesbrug-lines__row" },
              el("span", {}, String(line.label ?? "")), el("span", { class: "lesbrug-lines__amount" }, euros(line.amount_eur))),
            el("p", { class: "lesbrug-lines__payer" }, `Betaalt: ${payerText(line.payer)}`),
            line.formula || line.source
              ? el("details", {}, el("summary", {}, "Hoe berekend", spoken(`: ${line.label ?? "deze post"}`)),
                  line.formula ? el("p", {}, String(line.formula)) : null,
                  line.source ? el("p", {}, "Bron: ", value("source", line.source)) : null)
              : null))))
      : null,
    totals.length ? titled("Totaal per betaler", definitions(totals.map(([payer, amount]) => [capital(payerText(payer)), euros(amount)]))) : null,
    cost.compensation?.length ? titled("Vergoedingen", bullets(cost.compensation)) : null,
    cost.assumptions?.length ? titled("Aannames", bullets(cost.assumptions)) : null,
  );
}

function genericCard(item) {
  const title = item.title ?? item.route ?? item.occupation ?? item.role ?? KINDS[item.kind] ?? named(item.kind);
  const simple = [];
  const parts = [];
  for (const [key, content] of Object.entries(item)) {
    if (HIDDEN.has(key) || content === title) continue;
    if (key === "requirements" && Array.isArray(content)) {
      if (content.length) parts.push(titled(labelOf(key), requirementList(content)));
    } else if (Array.isArray(content) && !isRange(content) && content.length && (key !== "period" || content.length !== 2)) {
      const short = content.every((entry) => typeof entry === "string" && entry.length < 30);
      if (short && key !== "reasons" && key !== "why") simple.push([labelOf(key), content.map(words).join(", ")]);
      else parts.push(titled(labelOf(key), bullets(content)));
    } else if (!Array.isArray(content) || content.length) {
      simple.push([labelOf(key), value(key, content)]);
    }
  }
  const applies = APPLIES[item.applies];
  return card(
    item, { kicker: KINDS[item.kind] ?? named(item.kind), title: String(title), badge: applies ? [item.applies, applies] : null },
    definitions(simple.filter(([term]) => !(applies && term === LABELS.applies))), ...parts,
  );
}

// One value of a field, by the unit that the name of the field ends in.
function value(key, content) {
  if (content === null || content === undefined || content === "") return UNKNOWN;
  if (content === true) return "ja";
  if (content === false) return "nee";
  if (key === "payer") return payerText(content);
  if (key === "period") return range(content, dutchDate);
  if (key === "response_rate" || key === "overlap") return typeof content === "number" && content <= 1 ? percent.format(content) : number(content);
  if (key.endsWith("_eur") && typeof content !== "object") return euros(content);
  if (isRange(content)) return range(content, key.endsWith("_eur") ? euros : number, UNITS[key]);
  if (typeof content === "number") return range(content, number, UNITS[key]);
  if (typeof content === "object") return content.url ? outsideLink(content.url, content.title ?? content.name ?? content.url) : sentence(content);
  const text = String(content);
  return /^https:\/\//i.test(text) ? outsideLink(text, text.replace(/^https:\/\//i, "")) : words(text);
}

// An object in a list as one line: its name first, then the rest with labels.
function sentence(entry) {
  if (Array.isArray(entry)) return entry.map((part) => words(part)).join(", ");
  const name = ["text", "skill", "scheme", "title", "label", "name"].find((key) => entry[key]);
  const parts = Object.entries(entry).filter(([key, part]) => key !== name && part !== null && typeof part !== "object");
  return el("span", {}, name ? String(entry[name]) : null, parts.length && name ? ": " : null,
    parts.flatMap(([key, part], at) => [at ? "; " : null, `${labelOf(key).toLowerCase()} `, value(key, part)]));
}
