"""What the files of knowledge may hold. Unknown keys are refused, so that a typing error cannot pass for a fact."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Audience = Literal["werkende", "werkgever", "school", "werkzoekende", "alle"]
FactStatus = Literal["geldig", "controleren", "historisch"]
Unit = Literal["EUR", "procent", "uur", "klokuur", "dagen", "weken", "maanden", "jaar", "studiepunten", "aantal", "datum"]
Payer = Literal["bedrijf", "school", "werkende", "fonds"]
Sector = Literal["po", "vo", "mbo", "hbo", "wo"]
TopicId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
GroupId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Lines = Annotated[Line, AfterValidator(lambda text: " ".join(text.split()))]


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    title: Line
    url: Annotated[str, StringConstraints(pattern=r"^https?://")]


class Fact(Strict):
    """One statement that was read in public sources, with the year in which it was seen (`as_of`)."""

    id: TopicId
    theme: Line
    audience: tuple[Line, ...]
    sector: tuple[Line, ...]
    statement: Line
    figures: dict[str, object] = {}
    as_of: int = Field(ge=1900, le=2100)
    status: FactStatus
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    note: str | None = None
    basis: str | None = None


class Topic(Strict):
    id: TopicId
    group: GroupId
    title: Line
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    core: Line
    live: bool = False


class Task(Strict):
    """Something that the assistant carries out. `meanwhile`: the topic that comes nearest as long as it is not live."""

    id: TopicId
    title: Line
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    asks: tuple[Line, ...]
    later: tuple[Line, ...] = ()
    gives: Line
    meanwhile: TopicId | None = None
    live: bool = False


class Desk(Strict):
    """A place with people: where somebody goes when the assistant does not know."""

    id: TopicId
    name: Line
    helps_with: Lines
    contact: Lines
    url: Annotated[str, StringConstraints(pattern=r"^https://")]
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    facts: tuple[TopicId, ...] = ()


class DatedValue(Strict):
    """From its date on, this value; `null` means: ended. `fact` names where it was read."""

    value: Annotated[Decimal | date | None, BeforeValidator(lambda v: None if v is None else v)]
    fact: TopicId


class Parameter(Strict):
    """A figure that can change: start date → value. `expected_from`: a change was announced, not decided."""

    description: Lines
    unit: Unit
    checked_on: date
    check_every_days: int = Field(180, ge=7, le=730)
    expected_from: date | None = None
    values: Annotated[dict[date, DatedValue], Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> "Parameter":
        if list(self.values) != sorted(self.values):
            raise ValueError("de begindatums staan niet op volgorde")
        for value in self.values.values():
            if value.value is not None and isinstance(value.value, date) != (self.unit == "datum"):
                raise ValueError(f"waarde {value.value} past niet bij de eenheid {self.unit}")
        return self


class NextStep(Strict):
    """A button under an answer; it leads to a topic, a task or a desk."""

    title: Annotated[Line, StringConstraints(max_length=40)]
    topic: TopicId | None = None
    task: TopicId | None = None
    desk: TopicId | None = None

    @model_validator(mode="after")
    def _one_goal(self) -> "NextStep":
        if sum(goal is not None for goal in (self.topic, self.task, self.desk)) != 1:
            raise ValueError("een vervolgstap heeft precies één van topic, task of desk")
        return self


class Article(Strict):
    """The front matter of an article, with its body as `details`.

    `schemes`: listed under the answer with their status of the day. `by_region`: what is told of the region that somebody names.
    """

    id: TopicId
    title: Line
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    summary: Lines
    simple: Lines
    per_audience: dict[Audience, Lines] = {}
    facts: tuple[TopicId, ...]
    detail_facts: tuple[TopicId, ...] = ()
    checked_on: date
    check_every_days: int = Field(180, ge=7, le=730)
    valid_from: date | None = None
    valid_until: date | None = None
    check_at: TopicId | None = None
    schemes: tuple[TopicId, ...] = ()
    by_region: Literal["desks", "initiatives", "examples"] | None = None
    related: tuple[TopicId, ...] = ()
    next_steps: Annotated[tuple[NextStep, ...], Field(min_length=1, max_length=4)]
    details: str

    @model_validator(mode="after")
    def _period(self) -> "Article":
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until ligt voor valid_from")
        return self


class Condition(Strict):
    """One demand of a route. The vocabulary is closed; knowledge.routes says what each kind means.

    `refines`: unmet, it makes the route less fitting but not impossible.
    """

    kind: Literal["diploma_at_least", "hours_at_least", "hours_at_most", "experience_at_least", "sector_in", "subject_known"]
    value: Annotated[str | tuple[str, ...] | None, BeforeValidator(_as_text)] = None
    text: Lines
    refines: bool = False


class Route(Strict):
    """One way into teaching. Figures are names of parameters, or null where nothing certain is known."""

    id: TopicId
    role: Line
    route: Line
    sector: Sector
    order: int
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]
    duration_months: tuple[str, str] | None
    study_hours_week: tuple[str, str] | None
    costs: tuple[str, str] | None
    payer: Payer | None
    lower: TopicId | None
    higher: TopicId | None
    next_step: Lines
    desk: TopicId
    article: TopicId
    facts: Annotated[tuple[TopicId, ...], Field(min_length=1)]


class Level(Strict):
    """A level of education as people name it; `nlqf` orders them."""

    id: TopicId
    name: Line
    nlqf: int = Field(ge=0, le=8)
    names: Annotated[tuple[Annotated[str, BeforeValidator(_as_text)], ...], Field(min_length=1)]


class Occupation(Strict):
    """A technical occupation as people name it, and the mbo subjects that somebody in it could teach."""

    id: TopicId
    name: Line
    names: Annotated[tuple[Line, ...], Field(min_length=1)]
    subjects: tuple[Line, ...] = ()


class Aspect(Strict):
    """Where a follow-up question leads: by topic, else by group."""

    groups: dict[GroupId, TopicId] = {}
    topics: dict[TopicId, TopicId] = {}


Goal = Literal["lesgeven", "leraar_worden", "scholing", "omscholing", "leerwerkplek", "leercultuur", "loopbaanadvies", "samenwerking"]
BENEFITS = ("ww", "wia", "wajong", "bijstand")
CONTRACTS = ("twee_aanstellingen", "detachering", "zzp")
Applicant = Literal["werkende", "werkgever", "school", "werkzoekende", "samenwerking"]


class SchemeCondition(Strict):
    """One demand of a scheme; the vocabulary is closed. `ask` is what no conversation can tell: it stays unknown and is told as `text`."""

    kind: Literal["role_in", "goal_in", "branch_in", "sector_in", "province_in", "region_in", "employees_at_least", "employees_at_most",
                  "level_at_least", "level_at_most", "age_at_least", "age_at_most", "benefit_in", "contract_in", "ask"]
    value: Annotated[str | tuple[str, ...] | None, BeforeValidator(_as_text)] = None
    text: Lines


class SchemeStatus(Strict):
    """From its date on. `check`: it was there when last seen, and may have changed since."""

    status: Literal["announced", "open", "check", "closed"]
    fact: TopicId


class Window(Strict):
    """A period in which one can apply; both days count."""

    opens: date
    closes: date
    fact: TopicId

    @model_validator(mode="after")
    def _ordered(self) -> "Window":
        if self.closes < self.opens:
            raise ValueError("closes ligt voor opens")
        return self


class Scheme(Strict):
    """A subsidy, fund, credit or benefit. `amount`: the parameter with the most that one can get; `amount_text` tells it in words."""

    id: TopicId
    title: Line
    kind: Literal["subsidie", "fonds", "krediet", "uitkering", "belasting", "advies"]
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    applicant: Applicant
    summary: Lines
    conditions: Annotated[tuple[SchemeCondition, ...], Field(min_length=1)]
    amount: str | None
    amount_text: Lines
    status: Annotated[dict[date, SchemeStatus], Field(min_length=1)]
    windows: tuple[Window, ...] = ()
    apply_at: Source
    instead: tuple[TopicId, ...] = ()
    article: TopicId | None = None
    facts: Annotated[tuple[TopicId, ...], Field(min_length=1)]
    checked_on: date
    check_every_days: int = Field(90, ge=7, le=730)

    @model_validator(mode="after")
    def _ordered(self) -> "Scheme":
        if list(self.status) != sorted(self.status):
            raise ValueError("de begindatums van status staan niet op volgorde")
        return self


class Branch(Strict):
    """A line of business as people name it; `fund`: its O&O fund among the schemes, null where none is known."""

    id: TopicId
    name: Line
    names: Annotated[tuple[Line, ...], Field(min_length=1)]
    fund: TopicId | None
    facts: tuple[TopicId, ...] = ()


class Example(Strict):
    """Something that was really done. `regions`: ids of knowledge/regions.yml, empty where it was done nationwide."""

    id: TopicId
    title: Line
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1)]
    branch: Line | None
    regions: tuple[TopicId, ...]
    partners: Annotated[tuple[Line, ...], Field(min_length=1)]
    did: Lines
    result: Lines
    facts: Annotated[tuple[TopicId, ...], Field(min_length=1)]
    checked_on: date
    check_every_days: int = Field(365, ge=7, le=730)


class RegionDesk(Strict):
    name: Line
    helps_with: Lines
    url: Annotated[str, StringConstraints(pattern=r"^https?://")]
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    facts: Annotated[tuple[TopicId, ...], Field(min_length=1)]


class Initiative(Strict):
    name: Line
    text: Lines
    state: Literal["lopend", "afgelopen", "onbekend"]
    facts: Annotated[tuple[TopicId, ...], Field(min_length=1)]


class Institution(Strict):
    """An mbo institution. `certain` is False where its name or place was not read in a source."""

    name: Line
    places: Annotated[tuple[Line, ...], Field(min_length=1)]
    kind: Line
    certain: bool
    source: Source | None = None
    note: Lines | None = None


class Region(Strict):
    """A province or labour-market region, with who helps there."""

    id: TopicId
    kind: Literal["provincie", "arbeidsmarktregio"]
    name: Line
    names: tuple[Line, ...] = ()
    provinces: Annotated[tuple[Line, ...], Field(min_length=1)]
    municipalities: tuple[Line, ...] = ()
    desks: tuple[RegionDesk, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    institutions: tuple[Institution, ...] = ()
    note: Lines | None = None


class Step(Strict):
    """One step of a plan: who does what, how long it takes, what to bring."""

    id: TopicId
    title: Line
    who: Line
    text: Lines
    duration: Lines | None = None
    bring: tuple[Line, ...] = ()
    topic: TopicId | None = None
    facts: tuple[TopicId, ...] = ()


class Plan(Strict):
    """Numbered steps for one audience; `id` is the topic that tells the plan in short."""

    id: TopicId
    title: Line
    audience: Audience
    steps: Annotated[tuple[Step, ...], Field(min_length=3, max_length=15)]
    checked_on: date
    check_every_days: int = Field(180, ge=7, le=730)


class Document(Strict):
    """The front matter of a page that people can send, with its body as `template` (Jinja, filled with what the conversation knows).

    `button` offers it under the answers to `topics`; `names` are words by which people ask for it.
    """

    id: TopicId
    title: Line
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    about: Lines
    button: Annotated[Line, StringConstraints(max_length=40)]
    names: tuple[Line, ...] = ()
    topics: tuple[TopicId, ...] = ()
    facts: tuple[TopicId, ...] = ()
    checked_on: date
    check_every_days: int = Field(180, ge=7, le=730)
    template: str


class Term(Strict):
    """A word of the trade, explained where a conversation first meets it."""

    term: Line
    names: Annotated[tuple[Line, ...], Field(min_length=1)]
    explanation: Annotated[Line, StringConstraints(max_length=90)]
