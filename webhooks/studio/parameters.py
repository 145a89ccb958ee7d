"""Local parameters: the defaults a draft declares, and the values in force, changed by those who may publish."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authorities.parameters import Parameter, ParameterRefused
from engine.errors import EngineError, Refused
from engine.studio.parameter_sheet import declared, set_default
from webhooks.access import Audience, allows, practitioner
from webhooks.errors import ask_again
from webhooks.studio.room import DECIDING, DRAWING, LOOKING, Room, enter, reasons, studio, the_studio


@studio.get("/drafts/<int:number>/<pathway>/parameters")
@allows(*LOOKING)
def parameters(number: int, pathway: str) -> ResponseReturnValue:
    """What a pathway and what it calls let the authority decide, with the default that the draft declares."""
    return _parameters(enter(number, pathway))


def _parameters(room: Room, error: EngineError | None = None) -> str:
    found = [(path, one) for path, body in room.files("pathway.toml").items() for one in declared(body, path)]
    typed = request.form if error is not None else {}
    at = next((f"value-{at}" for at, (_, one) in enumerate(found, 1) if one.name == typed.get("name")), "")
    return room.page(
        "parameters",
        "parameters",
        parameters=found,
        typed=typed,
        refused_at=at,
        why=_why(error, [one for _, one in found]),
        refusal=_refused(error, [one for _, one in found], at) or room.reasons(error),
    )


def _why(error: EngineError | None, parameters: Iterable[Parameter]) -> str:
    """Why a value does not fit, with what the parameter is called; '' where something else was refused."""
    if not isinstance(error, ParameterRefused):
        return ""
    label = next((one.label for one in parameters if one.name == error.name), error.name)
    return f"“{label}” {error.why} {error.mend}"


def _refused(error: EngineError | None, parameters: Iterable[Parameter], field: str) -> list[dict[str, str]]:
    """The same as an error that leads to its field."""
    why = _why(error, parameters)
    return [{"text": why, "href": f"#{field}"}] if why and field else []


@studio.post("/drafts/<int:number>/<pathway>/parameters")
@allows(*DRAWING)
def save_default(number: int, pathway: str) -> ResponseReturnValue:
    """Change the default that a pathway declares: in every pathway.toml that declares the parameter alike."""
    room = enter(number, pathway)
    ask_again(lambda error: _parameters(room, error))
    name, text = request.form.get("name", ""), request.form.get("value", "").strip()
    changed = 0
    for path, body in room.opened.workspace.files.items():
        if path.endswith("/pathway.toml") and any(one.name == name for one in declared(body, path)):
            after = set_default(body, path, name, text)
            if after != body:
                the_studio().save(room.by, number, path, after, seen=room.opened.version(path))
                changed += 1
    if not changed:
        raise Refused("That is the value it has.")
    flash("The default is changed in this draft.", "success")
    return redirect(url_for("studio.parameters", number=number, pathway=pathway), 303)


# -------------------------------------------------------------------------------------------------- values in force


@studio.get("/parameters")
@allows(*LOOKING)
def values() -> ResponseReturnValue:
    """The authority's local values in force, each from its day on, with the reason."""
    return _values()


def _values(error: EngineError | None = None) -> str:
    by = practitioner()
    local = the_studio().local_values(by)
    parameters = [one for one, _ in local]
    return render_template(
        "studio/values.html",
        values=local,
        decides=Audience.APPROVERS.admits(by),
        typed=request.form,
        why=_why(error, parameters),
        refusal=None if error is None else _refused(error, parameters, "value") or reasons(error),
    )


@studio.post("/parameters")
@allows(*DECIDING)
def set_value() -> ResponseReturnValue:
    """Put a local value in force from a day on, with the reason."""
    ask_again(_values)
    typed = request.form
    try:
        since = date(*(int(typed.get(f"since-{part}", "")) for part in ("year", "month", "day")))
    except ValueError:
        raise Refused("Write the day from which the value counts, such as 1 4 2026.") from None
    name = typed.get("name", "")
    the_studio().set_value(practitioner(), name, typed.get("value", ""), since, typed.get("why", ""))
    flash("The value is in force from that day.", "success")
    return redirect(url_for("studio.values"), 303)
