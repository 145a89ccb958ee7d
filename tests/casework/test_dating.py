"""Where a date of a case comes from: a day that a form counts is explained by its counting, and recorded by nobody."""

from __future__ import annotations

import orjson

from engine.casework.dating import Worked
from engine.pathways import Release
from tests.engine.execution.diagrams import (
    arrows,
    diagram,
    end,
    extension,
    form,
    lanes,
    mapping,
    process,
    release,
    start,
    tag,
    user,
)
from tests.support.office import WORKER, TestOffice

#: From what an earlier step recorded, so that the form alone does not hold it.
COUNTED = "=string(working days after(report.told_on, 3))"
#: A day later than any function gave: why it is that day nobody can say.
MOVED = '=string(date(string(working days after(report.told_on, 3))) + duration("P1D"))'


def counting(rule: str = COUNTED) -> Release:
    """A step tells a day, the next one's form counts from it, and what it counted becomes a fact of the case."""
    fixed = {"id": "f", "key": "until", "type": "textfield", "label": "Until", "readonly": True}
    asked = {"id": "limit", "type": "default", "components": [{**fixed, "properties": {"value": rule}}]}
    noted = extension(
        tag("zeebe:taskDefinition", type="record_facts"), mapping({"next_review_conference_date": "=limit.until"})
    )
    body = [
        lanes(social_worker="s report limit note rest e"),
        start(),
        user("report", tag("zeebe:formDefinition", formId="report")),
        user("limit", tag("zeebe:formDefinition", formId="limit"), name="Set the limit"),
        tag("bpmn:serviceTask", noted, id="note"),
        user("rest"),
        end(),
        arrows("s > report > limit > note > rest > e"),
    ]
    forms = {"limit": orjson.dumps(asked).decode(), "report": form("report", "told_on")}
    return release(diagram(process("p", *body)), by_task=True, forms=forms)


def worked(office: TestOffice, rule: str = COUNTED) -> Worked | None:
    """The conference's day in a case whose steps were done on Thursday 2 April, before Easter."""
    office.publish(counting(rule))
    office.appoint(WORKER)
    office.case()
    office.complete("report", {"told_on": "2026-04-02"})
    office.complete("limit")
    return office.casework.case(WORKER, "C1").worked.get("next_review_conference_date")


def test_a_day_that_a_form_counted_is_counted_once_more_with_what_the_form_read(office: TestOffice) -> None:
    """Any authority, any form: from which day, how many days, and every day that was left out."""
    found = worked(office)

    assert found is not None and found.explanation is not None
    assert ("2026-04-09", "2026-04-02", 3) == tuple(found.explanation[name] for name in ("on", "anchor", "count"))
    assert ["Good Friday", "weekend", "Easter Monday"] == [one["why"] for one in found.explanation["skipped"]]
    assert ("Set the limit", WORKER.name) == (found.step, found.by)


def test_a_day_that_no_counting_gave_is_worked_out_without_a_reason(office: TestOffice) -> None:
    """A sentence that would count to another day than the one that stands is not said."""
    found = worked(office, MOVED)

    assert "2026-04-10" == office.now().facts["next_review_conference_date"]
    assert found is not None
    assert found.explanation is None


def test_a_day_that_a_person_gave_since_is_theirs(office: TestOffice) -> None:
    """What a form counted no longer explains a date that somebody recorded anew."""
    worked(office)
    office.casework.record_facts(
        "C1", {"next_review_conference_date": "2026-05-01"}, "Moved.", by=WORKER, command_id=office.key()
    )

    assert {} == office.casework.case(WORKER, "C1").worked
