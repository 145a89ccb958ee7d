"""What auditors do: watch a case as a film, verify it or all of them, and read what was found."""

from __future__ import annotations

from datetime import date
from functools import partial
from time import monotonic
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import Practitioner
from engine.casework.audit import RESTRICTED, HistoryDamaged
from engine.casework.film import Film
from engine.errors import EngineError
from engine.store.checkpoint_faults import read_fault
from webhooks import film as words
from webhooks import story
from webhooks.access import Audience, allows, practitioner
from webhooks.days import day_asked
from webhooks.desk import casework
from webhooks.errors import ask_again
from webhooks.known import Known
from webhooks.surroundings import role_title

audit = Blueprint("audit", __name__)

#: How long one request verifies before it shows how far it has come.
STRETCH = 2.0
READERS = (Audience.AUDITORS, Audience.HEAD)
VERIFIERS = (*READERS, Audience.OPERATORS)


@audit.get("/audit")
@allows(*VERIFIERS)
def home() -> ResponseReturnValue:
    """Where an auditor starts: the last verifications, and what can be looked for."""
    return render_template("audit/home.html", certificates=casework().certificates(practitioner()))


# ------------------------------------------------------------------------------------------------------------- film


@audit.get("/cases/<case_id>/film")
@allows(*READERS)
def film(case_id: str) -> ResponseReturnValue:
    """One frame of a case's film: `frame` says which, `on` jumps to a day, `play` goes on by itself."""
    ask_again(_damaged)
    shown = casework().film(practitioner(), case_id)
    problems: list[dict[str, str]] = []
    on = day_asked("on", problems)
    number = _asked(shown, request.args.get("frame", ""), on)
    frame = shown.frames[number - 1]
    return render_template(
        "audit/film.html",
        film=shown,
        case=shown.case,
        frame=frame,
        number=number,
        pictures=words.pictures(shown, frame),
        problems=problems,
        nothing_since=on if on is not None and words.nothing_since(shown, on) else None,
        play=request.args.get("play") == "yes" and number < len(shown.frames),
        **_words(shown),
    )


@audit.get("/cases/<case_id>/film/table")
@allows(*READERS)
def film_table(case_id: str) -> ResponseReturnValue:
    """The whole film as one ordered table, for a keyboard, a screen reader and paper."""
    ask_again(_damaged)
    shown = casework().film(practitioner(), case_id)
    return render_template("audit/film_table.html", film=shown, case=shown.case, **_words(shown))


def _damaged(error: EngineError) -> str:
    """What an auditor does where a history was changed so that there is no film; every other refusal stays one."""
    if not isinstance(error, HistoryDamaged):
        raise error
    found = {"difference": error.difference, "notes": error.notes}
    return render_template("audit/damaged.html", case_id=error.case_id, **found)


def _words(film: Film) -> dict[str, Any]:
    chapters = list(reversed(story.told(film.case, story.names_of(film.case, role_title))))
    known = Known(film.case)
    due, asked = partial(words.due, film.case), partial(words.asked, film.case)
    said = {"change": known.change, "input": known.input, "due": due, "skipped": words.skipped, "asked": asked}
    return {"chapters": chapters, "words": said}


def _asked(film: Film, frame: str, on: date | None) -> int:
    """The frame that the address asks for, the last one where it says nothing that can be followed."""
    last = len(film.frames)
    if on is not None:
        return words.on_or_after(film, on)
    return min(max(int(frame), 1), last) if frame.isascii() and frame.isdigit() and len(frame) < 10 else last


# -------------------------------------------------------------------------------------------------------- verifying


@audit.post("/cases/<case_id>/verify")
@allows(*VERIFIERS)
def verify_case(case_id: str) -> ResponseReturnValue:
    """Verify one case now."""
    made = casework().verify_case(practitioner(), case_id)
    return redirect(url_for("audit.certificate", number=made.verification.number), 303)


@audit.post("/audit/verify")
@allows(*VERIFIERS)
def verify_all() -> ResponseReturnValue:
    """Begin to verify every case of the authority."""
    begun = casework().verify_all(practitioner())
    return redirect(url_for("audit.certificate", number=begun.verification.number), 303)


@audit.post("/audit/verifications/<int:number>")
@allows(*VERIFIERS)
def go_on(number: int) -> ResponseReturnValue:
    """Verify the next stretch; the page asks for one after the other until everything was looked at."""
    casework().go_on(practitioner(), number, time=monotonic, seconds=STRETCH)
    return redirect(url_for("audit.certificate", number=number), 303)


@audit.get("/audit/verifications/<int:number>")
@allows(*VERIFIERS)
def certificate(number: int) -> ResponseReturnValue:
    """What a verification checked and found, or how far it has come."""
    by: Practitioner = practitioner()
    return render_template(
        "audit/certificate.html",
        made=casework().certificate(by, number),
        total=casework().count_cases(by),
        restricted=RESTRICTED,
        read=read_fault,
    )
