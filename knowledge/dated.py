"""Dated parameters: which value was in force on a day, and how it is written in Dutch."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from knowledge.schema import Parameter


@dataclass(frozen=True)
class InForce:
    """A value on a day: since when, and the fact that bears it. `value` is None once it has ended."""

    value: Decimal | date | None
    since: date
    fact: str


def in_force(parameter: Parameter, day: date) -> InForce | None:
    """The value in force on `day`, or None before the first."""
    past = [start for start in parameter.values if start <= day]
    if not past:
        return None
    start = max(past)
    return InForce(parameter.values[start].value, start, parameter.values[start].fact)


def dutch_date(day: date) -> str:
    return format_date(day, "d MMMM y", locale="nl")


def dutch(value: Decimal | date, unit: str) -> str:
    """`25000` EUR → `25.000 euro`; `21` procent → `21 procent`; other units: the number alone."""
    if isinstance(value, date):
        return dutch_date(value)
    if unit == "EUR":
        if value == value.to_integral_value():
            return f"{format_decimal(value, locale='nl', format='#,##0')} euro"
        return format_currency(value, "EUR", locale="nl").replace("\xa0", " ")
    number = format_decimal(value, locale="nl")
    return f"{number} procent" if unit == "procent" else number
