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
    id: TopicId
    title: Line
    audience: Annotated[tuple[Audience, ...], Field(min_length=1)]
    asks: tuple[Line, ...]
    later: tuple[Line, ...] = ()
    gives: Line
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
    """The front matter of an article, with its body as `details`."""

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
