"""One answer: from what a browser, a message or a scenario hands in to the JSON that history keeps, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, time
from decimal import Decimal
from functools import cache
from typing import Any

from engine.calendars import spoken
from engine.feel import Date, Environment, Expression, compile_expression, to_json
from engine.forms.fields import CHOOSING, CHOOSING_SEVERAL, Field, Option
from engine.forms.moments import NotThatMoment, read_clock, read_day, read_moment
from engine.forms.words import left_open
from engine.history import JSON
from engine.one_line import is_a_name

#: What a text may hold where its field does not say.
LONGEST_LINE, LONGEST_TEXT, MOST_ITEMS = 500, 20_000, 200
#: Whole numbers from here on are not exact everywhere that JSON is read.
LARGEST = 2**53

_NUMBER = re.compile(r"^[+-]?\d{1,16}(\.\d{1,10})?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$")
_PHONE = re.compile(r"^\+?[\d ()\-]{5,25}$")


class AnswerRefused(ValueError):
    """An answer cannot be kept; the text is the sentence shown beside its field."""


def is_blank(raw: Any) -> bool:
    """Whether nothing was answered."""
    if isinstance(raw, str):
        return not raw.strip()
    if isinstance(raw, Mapping):
        return all(is_blank(part) for part in raw.values())
    return raw is None or raw == []


def read_answer(
    field: Field, raw: Any, options: Sequence[Option], context: Mapping[str, Any], env: Environment
) -> JSON:
    """The answer to one field as it is kept; None where nothing was answered. Raises AnswerRefused.

    `options` are those offered in this case, `context` what `earliest` and `latest` may read.
    """
    if field.type == "checkbox":
        ticked = _ticked(field, raw)
        if field.required and not ticked:
            raise AnswerRefused(f"Tick ‘{field.title}’ to go on.")
        return ticked
    if is_blank(raw):
        if field.required:
            raise AnswerRefused(left_open(field.title, _asked(field)))
        return None
    if field.type == "datetime":
        return _moment(field, raw, context, env)
    return _READERS[field.type](field, raw, options)


def token_of(value: JSON) -> str:
    """An option's value as an HTML form carries it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _ticked(field: Field, raw: Any) -> bool:
    if is_blank(raw):
        return False
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "on", "yes"):
        return True
    if isinstance(raw, str) and raw.lower() in ("false", "no"):
        return False
    raise AnswerRefused(f"‘{field.title}’ must be ticked or left blank.")


def _text(field: Field, raw: Any, options: Sequence[Option]) -> JSON:
    if not isinstance(raw, str):
        raise AnswerRefused(f"‘{field.title}’ must be text.")
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if field.type == "textfield" and "\n" in text:
        raise AnswerRefused(f"‘{field.title}’ must be on one line.")
    if _CONTROL.search(text) or (field.type == "textfield" and not is_a_name(text)):
        raise AnswerRefused(f"‘{field.title}’ holds characters that cannot be kept. Type it again.")
    _check_length(field, len(text))
    if field.kind == "email" and not _EMAIL.match(text):
        raise AnswerRefused(f"‘{field.title}’ must be an email address, such as name@example.gov.uk.")
    if field.kind == "phone" and not _PHONE.match(text):
        raise AnswerRefused(f"‘{field.title}’ must be a telephone number, such as 020 7974 4444.")
    if field.pattern is not None and _matcher().value({"answer": text, "pattern": field.pattern}) is not True:
        raise AnswerRefused(field.pattern_message or f"‘{field.title}’ is not written as it must be.")
    return text


@cache
def _matcher() -> Expression:
    """FEEL's own pattern matching, which bounds its time."""
    return compile_expression("matches(answer, pattern)", names=("answer", "pattern"))


def _area(field: Field, raw: Any, options: Sequence[Option]) -> JSON:
    if not field.as_list:
        return _text(field, raw, options)
    lines = raw.replace("\r", "\n").split("\n") if isinstance(raw, str) else raw
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise AnswerRefused(f"‘{field.title}’ must be a list of texts, one a line.")
    return _texts(field, lines)


def _texts(field: Field, lines: Sequence[str]) -> list[JSON]:
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if len(texts) > MOST_ITEMS:
        raise AnswerRefused(f"‘{field.title}’ may have at most {MOST_ITEMS} entries.")
    for text in texts:
        if _CONTROL.search(text) or not is_a_name(text) or len(text) > LONGEST_LINE:
            raise AnswerRefused(f"Each entry of ‘{field.title}’ must be one line of at most {LONGEST_LINE} characters.")
    if field.required and not texts:
        raise AnswerRefused(left_open(field.title, _asked(field)))
    return list(texts)


def _asked(field: Field) -> str:
    """How a field is asked, for whoever left it open."""
    if field.type in CHOOSING:
        return "several" if field.type in CHOOSING_SEVERAL else "one"
    if field.type == "datetime":
        return "moment" if field.subtype == "datetime" else field.subtype
    return "lines" if field.as_list else field.type


def _check_length(field: Field, length: int) -> None:
    longest = field.longest or (LONGEST_LINE if field.type == "textfield" else LONGEST_TEXT)
    if length > longest:
        raise AnswerRefused(f"‘{field.title}’ must be {longest} characters or fewer.")
    if field.shortest and length < field.shortest:
        raise AnswerRefused(f"‘{field.title}’ must be {field.shortest} characters or more.")


def _number(field: Field, raw: Any, options: Sequence[Option]) -> JSON:
    number = _decimal(field, raw)
    if field.decimals is not None and number != round(number, field.decimals):
        what = "a whole number" if field.decimals == 0 else f"a number with at most {field.decimals} decimal places"
        raise AnswerRefused(f"‘{field.title}’ must be {what}.")
    if field.minimum is not None and number < field.minimum:
        raise AnswerRefused(f"‘{field.title}’ must be {field.minimum} or more.")
    if field.maximum is not None and number > field.maximum:
        raise AnswerRefused(f"‘{field.title}’ must be {field.maximum} or less.")
    if field.increment and (number - (field.minimum or 0)) % field.increment != 0:
        raise AnswerRefused(f"‘{field.title}’ must go in steps of {field.increment}.")
    if number == number.to_integral_value():
        return int(number)
    kept = float(number)
    if Decimal(repr(kept)) != number:
        raise AnswerRefused(f"‘{field.title}’ has more digits than can be kept.")
    return kept


def _decimal(field: Field, raw: Any) -> Decimal:
    """The number handed in, of a size that JSON and FEEL both keep exactly. Raises AnswerRefused."""
    if isinstance(raw, str):
        text = raw.strip().replace(",", "")
        if not _NUMBER.match(text):
            raise AnswerRefused(f"‘{field.title}’ must be a number.")
        number = Decimal(text)
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and raw == raw:
        number = Decimal(repr(raw)) if abs(raw) < LARGEST else Decimal(LARGEST)
    else:
        raise AnswerRefused(f"‘{field.title}’ must be a number.")
    if abs(number) >= LARGEST:
        raise AnswerRefused(f"‘{field.title}’ is too large a number.")
    return number


def _moment(field: Field, raw: Any, context: Mapping[str, Any], env: Environment) -> JSON:
    try:
        if field.subtype == "time":
            return _clock_text(read_clock(raw))
        if field.subtype == "date":
            on = read_day(raw)
            _check_bounds(field, on, context, env)
            return on.isoformat()
        at = read_moment(raw)
    except NotThatMoment as wrong:
        raise AnswerRefused(f"‘{field.title}’ {wrong}.") from None
    _check_bounds(field, at.date(), context, env)
    if field.zone == "none":
        return at.replace(tzinfo=None).isoformat()
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if field.zone == "utc" else at.isoformat()


def _clock_text(at: time) -> str:
    return at.isoformat("seconds" if at.second else "minutes")


def _check_bounds(field: Field, on: date, context: Mapping[str, Any], env: Environment) -> None:
    earliest = None if field.earliest is None else _bound(field.earliest.value(context, env))
    if earliest is not None and on < earliest:
        raise AnswerRefused(f"‘{field.title}’ must be the same as or after {spoken(earliest)}.")
    latest = None if field.latest is None else _bound(field.latest.value(context, env))
    if latest is not None and on > latest:
        raise AnswerRefused(f"‘{field.title}’ must be the same as or before {spoken(latest)}.")


def _bound(value: Any) -> date | None:
    """The date that a bound gives; no date, no bound."""
    text = str(to_json(value)) if not isinstance(value, Date) else str(value)
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _one(field: Field, raw: Any, options: Sequence[Option]) -> JSON:
    option = _option(raw, options)
    if option is None:
        raise AnswerRefused(f"Choose one of the answers to ‘{field.title}’.")
    return None if field.unknown is not None and option.value == field.unknown else option.value


def _several(field: Field, raw: Any, options: Sequence[Option]) -> JSON:
    chosen: list[JSON] = []
    added: list[str] = []
    for item in raw if isinstance(raw, list) else [raw]:
        option = _option(item, options)
        if option is not None:
            if not any(_same(option.value, kept) for kept in chosen):
                chosen.append(option.value)
        elif field.others and isinstance(item, str):
            added.append(item)
        else:
            raise AnswerRefused(f"Choose from the answers to ‘{field.title}’.")
    chosen.extend(text for text in _texts(field, added) if text not in chosen) if added else None
    if len(chosen) > MOST_ITEMS:
        raise AnswerRefused(f"‘{field.title}’ may have at most {MOST_ITEMS} entries.")
    return chosen


#: Words for true and false where no option has them as its own value.
_SAID = {"yes": "true", "no": "false"}


def _option(raw: Any, options: Sequence[Option]) -> Option | None:
    for option in options:
        if _same(option.value, raw):
            return option
    if isinstance(raw, str):
        text = raw.strip()
        # A messenger or a scenario may say yes and no where a page hands in true and false, as with a checkbox.
        said = [text] if text not in _SAID else [text, _SAID[text]]
        return next((option for word in said for option in options if token_of(option.value) == word), None)
    return None


def _same(one: JSON, other: JSON) -> bool:
    """Equal, and true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


_READERS: dict[str, Callable[[Field, Any, Sequence[Option]], JSON]] = {
    "textfield": _text,
    "textarea": _area,
    "number": _number,
    "radio": _one,
    "select": _one,
    **dict.fromkeys(CHOOSING_SEVERAL, _several),
}
