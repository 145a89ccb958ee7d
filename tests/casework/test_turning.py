"""A pathway that comes round to the same date at once, for ever, is held and somebody is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.case.timers import TURNS
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    catch,
    diagram,
    end,
    process,
    release,
    start,
    timer,
    user,
    xor,
)
from tests.support.office import AREA, TestOffice


@pytest.mark.parametrize(
    "date", [timer('=date and time("2026-01-05T00:00:00Z")', "Date"), timer("PT0S")], ids=["gone by", "at once"]
)
def test_a_date_that_comes_again_as_soon_as_it_has_come_is_held(office: TestOffice, date: str) -> None:
    """Nothing turns for ever: an incident names the step, and what is proved of the case stays proved."""
    turning = diagram(
        process(
            "p",
            start(),
            xor("again"),
            catch("day", date),
            xor("over", "again"),
            end(),
            arrows("s > again > day > over > again", "over > e", when={"over_e": '=case.plan_status = "ENDED"'}),
        )
    )
    office.publish(release(turning))

    case = office.case()
    office.casework.fire_timers(AREA, case)

    (held,) = office.now().held.values()
    assert "day" == held.element
    assert "turn round for ever" in held.message
    assert 0 == office.casework.fire_timers(AREA, case)
    assert office.casework.verify(AREA, case).certified


def test_a_reminder_that_catches_up_on_many_days_is_not_held(office: TestOffice) -> None:
    """Where no worker ran for long, each day gone by has its turn: that pathway does come to rest."""
    daily = diagram(
        process(
            "p",
            start(),
            user("report"),
            boundary("reminder", "report", timer("R/P1D", "Cycle"), interrupting=False),
            end(),
            end("reminded"),
            arrows("s > report > e", "reminder > reminded"),
        )
    )
    office.publish(release(daily))
    case = office.case()
    days = TURNS + 20
    office.clock.advance_by(timedelta(days=days))

    assert days == office.casework.fire_timers(AREA, case)
    assert not office.now().held
