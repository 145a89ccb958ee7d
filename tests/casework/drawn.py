"""Small pathways that show one thing each."""

from __future__ import annotations

from engine.pathways import Release
from tests.engine.execution.diagrams import (
    arrows,
    boundary,
    catch,
    diagram,
    end,
    error,
    escalation,
    extension,
    job,
    lanes,
    message,
    of,
    parallel,
    process,
    properties,
    release,
    rule,
    start,
    sub,
    table,
    tag,
    throw,
    timer,
    user,
    xor,
)

DUE = tag("zeebe:taskSchedule", dueDate="=working days after(today(), 2)")


def two_steps() -> Release:
    """The social worker reports, due in two working days; then the chair, who must be somebody else, checks."""
    body = [
        lanes(social_worker="s report", conference_chair="check e"),
        start(),
        user("report", DUE, properties(clauses="TST-1.1", label="policy"), name="Report"),
        user("check", DUE, properties(not_same_person_as="report"), name="Check"),
        end(),
        arrows("s > report > check > e"),
    ]
    return release(diagram(process("p", *body)), by_task=True)


def decided() -> Release:
    """A table decides by the report's answer; its rule 2 has no answer for 'odd', which is an incident."""
    body = [
        lanes(social_worker="s report choose which yes_task no_task e"),
        start(),
        user("report", name="Report"),
        rule("choose", "choose", "chosen"),
        xor("which", "no_task"),
        user("yes_task"),
        user("no_task"),
        end(),
        arrows("s > report > choose > which > yes_task > e", "which > no_task > e", when={"which_yes_task": "=chosen"}),
    ]
    rows = [(['"good"'], ["true"]), (['"bad"'], ["false"])]
    tables = {"choose": table("choose", ["report.view"], ["chosen"], rows, policy="UNIQUE")}
    return release(diagram(process("p", *body)), by_task=True, tables=tables)


def asking_two_agencies() -> Release:
    """The same question goes to two agencies; each answer is for the step that asked that agency."""
    body = [
        lanes(social_worker="s split school health school_answered health_answered e e2"),
        start(),
        parallel("split"),
        catch("school", of("message", "SchoolReply")),
        catch("health", of("message", "HealthReply")),
        user("school_answered"),
        user("health_answered"),
        end(),
        end("e2"),
        arrows("s > split > school > school_answered > e", "split > health > health_answered > e2"),
    ]
    told = message("SchoolReply", "=asked", "Reply") + message("HealthReply", '="NHS 7"', "Reply")
    return release(diagram(process("p", *body), told), by_task=True)


def never_joined() -> Release:
    """Two tasks side by side; the one is left by a way that never comes to where the other waits for it."""
    body = [
        lanes(social_worker="s split one other away join e e2"),
        start(),
        parallel("split"),
        user("one"),
        user("other"),
        xor("away", "join"),
        parallel("join"),
        end(),
        end("e2"),
        arrows("s > split", "split > one > away > join", "split > other > join", "join > e", "away > e2",
               when={"away_e2": "=true"}),
    ]  # fmt: skip
    return release(diagram(process("p", *body)), by_task=True)


def jobs() -> Release:
    """A mail is sent; when it bounces, somebody mends the address."""
    body = [
        lanes(social_worker="s send bounced mend done_task e e2"),
        start(),
        job("send", "mail", retries="2"),
        boundary("bounced", "send", of("error", "bounce")),
        user("mend"),
        user("done_task"),
        end(),
        end("e2"),
        arrows("s > send > done_task > e", "bounced > mend > e2"),
    ]
    return release(diagram(process("p", *body), error("bounce")), by_task=True)


def waiting() -> Release:
    """A task that is escalated after three days, and a message that ends the wait."""
    body = [
        lanes(social_worker="s wait late told answered noted e e2 e3"),
        start(),
        user("wait", DUE),
        boundary("late", "wait", timer("P3D"), interrupting=False),
        throw("told", of("escalation", "too_late"), ext=properties(escalation="head_of_quality_assurance")),
        end("e2"),
        boundary("answered", "wait", of("message", "Answer")),
        user("noted"),
        end("e3"),
        end(),
        arrows("s > wait > e", "late > told > e2", "answered > noted > e3"),
    ]
    found = diagram(process("p", *body), escalation("too_late"), message("Answer", "=case.case_id"))
    return release(found, by_task=True)


def interrupted(id: str = "p") -> Release:
    """Work that any life event interrupts, and a task that says what happened."""
    inner = sub("work", start("s2"), user("inside"), end("e2"), arrows("s2 > inside > e2"))
    body = [
        lanes(social_worker="s work happened look e e3"),
        start(),
        inner,
        boundary("happened", "work", of("message", "LifeEvent")),
        user("look"),
        end(),
        end("e3"),
        arrows("s > work > e", "happened > look > e3"),
    ]
    found = diagram(process(id, *body), message("LifeEvent", "=case.case_id"))
    return release(found, main=id, by_task=True)


def stopped(id: str = "p", outcome: str = "") -> Release:
    """Work that any life event stops, with nothing after it but, where one is named, an outcome."""
    body = [
        lanes(social_worker=f"s work happened e {outcome or 'e3'}"),
        start(),
        sub("work", start("s2"), user("inside"), end("e2"), arrows("s2 > inside > e2")),
        boundary("happened", "work", of("message", "LifeEvent")),
        end(),
        end(outcome or "e3"),
        arrows("s > work > e", f"happened > {outcome or 'e3'}"),
    ]
    return release(diagram(process(id, *body), message("LifeEvent", "=case.case_id")), main=id, by_task=True)


def end_plan_step() -> str:
    """The step that ends the plan on the day decided, under table `guard`."""
    inputs = {
        "outcome": '="PLAN_ENDED_TEST"',
        "decided_on": "=decide.on",
        "effective_on": "=decide.on",
        "reason": '="R"',
    }
    mapped = "".join(tag("zeebe:input", source=source, target=target) for target, source in inputs.items())
    return tag(
        "bpmn:serviceTask",
        extension(
            tag("zeebe:taskDefinition", type="end_plan"),
            tag("zeebe:ioMapping", mapped),
            tag("zeebe:taskHeaders", tag("zeebe:header", key="guard", value="guard")),
        ),
        id="end_it",
    )


def guard() -> str:
    """The plan may end where the child is in foster care."""
    rows = [(['"away_foster"'], ["true", '""']), (["-"], ["false", '"not away"'])]
    return table("guard", ["case.placement"], ["may_end", "blocker"], rows)


def ending() -> Release:
    """A plan is ended by the one step that may, under its guard."""
    body = [
        lanes(iro_service_manager="s decide end_it ended again PLAN_ENDED_TEST PLAN_CONTINUES_TEST"),
        start(),
        user("decide"),
        end_plan_step(),
        xor("ended", "PLAN_CONTINUES_TEST"),
        end("PLAN_ENDED_TEST"),
        end("PLAN_CONTINUES_TEST"),
        arrows(
            "s > decide > end_it > ended > PLAN_ENDED_TEST",
            "ended > PLAN_CONTINUES_TEST",
            when={"ended_PLAN_ENDED_TEST": "=end_it.ended"},
        ),
    ]
    return release(diagram(process("p", *body)), by_task=True, tables={"guard": guard()})


def ending_in_time() -> Release:
    """A day after the decision the plan ends by itself, under its guard, unless somebody objects."""
    body = [
        lanes(iro_service_manager="s decide object silence end_it PLAN_ENDED_TEST e"),
        start(),
        user("decide"),
        user("object"),
        boundary("silence", "object", timer("P1D")),
        end_plan_step(),
        end("PLAN_ENDED_TEST"),
        end(),
        arrows("s > decide > object > e", "silence > end_it > PLAN_ENDED_TEST"),
    ]
    return release(diagram(process("p", *body)), by_task=True, tables={"guard": guard()})


def visiting(id: str = "visits") -> Release:
    """Visits go on until somebody says that the plan has ended."""
    body = [
        lanes(social_worker="s visit over VISITS_ENDED_WITH_PLAN e"),
        start(),
        user("visit"),
        boundary("over", "visit", of("message", "PlanEnded")),
        end("VISITS_ENDED_WITH_PLAN"),
        end(),
        arrows("s > visit > e", "over > VISITS_ENDED_WITH_PLAN"),
    ]
    found = diagram(process(id, *body), message("PlanEnded", "=case.case_id"))
    return release(found, main=id, by_task=True)


def following_facts() -> Release:
    """A visit is arranged anew, from the top, whenever facts of the case are recorded."""
    body = [
        lanes(social_worker="s again visit recorded e"),
        start(),
        xor("again"),
        user("visit"),
        boundary("recorded", "visit", of("message", "FactsRecorded")),
        end(),
        arrows("s > again > visit > e", "recorded > again"),
    ]
    return release(diagram(process("p", *body), message("FactsRecorded", "=case.case_id")), by_task=True)


def ending_by_life_event() -> Release:
    """A change in the child's life ends the plan by itself, as a birthday may."""
    body = [
        lanes(social_worker="s wait decide end_it e PLAN_ENDED_TEST"),
        start(),
        user("wait"),
        boundary("decide", "wait", of("message", "LifeEvent")),
        end_plan_step(),
        end("PLAN_ENDED_TEST"),
        end(),
        arrows("s > wait > e", "decide > end_it > PLAN_ENDED_TEST"),
    ]
    found = diagram(process("p", *body), message("LifeEvent", "=case.case_id"))
    return release(found, by_task=True, tables={"guard": guard()})


def visits_that_hear_of_both() -> Release:
    """Visits stop with the plan, and anything that happens to the child is looked at."""
    body = [
        lanes(social_worker="s visit over happened look VISITS_ENDED_WITH_PLAN e e2"),
        start(),
        user("visit"),
        boundary("over", "visit", of("message", "PlanEnded")),
        boundary("happened", "visit", of("message", "LifeEvent")),
        user("look"),
        end("VISITS_ENDED_WITH_PLAN"),
        end(),
        end("e2"),
        arrows("s > visit > e", "over > VISITS_ENDED_WITH_PLAN", "happened > look > e2"),
    ]
    keyed = [message(name, "=case.case_id") for name in ("PlanEnded", "LifeEvent")]
    return release(diagram(process("visits", *body), *keyed), main="visits", by_task=True)


def ending_beside_visits(id: str = "p") -> Release:
    """Visits beside the decision in one pathway; the whole is stopped where the plan is ended elsewhere."""
    inner = sub(
        "work",
        start("s2"),
        parallel("fork"),
        user("decide"),
        end_plan_step(),
        user("send_letter"),
        end("PLAN_ENDED_TEST"),
        user("visit"),
        boundary("over", "visit", of("message", "PlanEnded")),
        end("VISITS_ENDED_WITH_PLAN"),
        end("e2"),
        arrows(
            "s2 > fork > decide > end_it > send_letter > PLAN_ENDED_TEST",
            "fork > visit > e2",
            "over > VISITS_ENDED_WITH_PLAN",
        ),
    )
    body = [
        lanes(social_worker="s work elsewhere e ENDED_ELSEWHERE"),
        start(),
        inner,
        boundary("elsewhere", "work", of("message", "PlanEnded")),
        end(),
        end("ENDED_ELSEWHERE"),
        arrows("s > work > e", "elsewhere > ENDED_ELSEWHERE"),
    ]
    found = diagram(process(id, *body), message("PlanEnded", "=case.case_id"))
    return release(found, main=id, by_task=True, tables={"guard": guard()})


def asked_then_ended() -> Release:
    """A report decides the way by a gateway; the manager decides; the plan ends under its guard; a letter is sent."""
    body = [
        lanes(
            social_worker="s report which other_task e",
            iro_service_manager="decide end_it ended PLAN_CONTINUES_TEST PLAN_ENDED_TEST",
            conference_chair="draft send_letter",
        ),
        start(),
        user("report", name="Report on the child"),
        xor("which", "other_task"),
        user("other_task"),
        user("decide"),
        user("draft", properties(letter="ended", letter_step="draft")),
        end_plan_step(),
        xor("ended", "PLAN_CONTINUES_TEST"),
        user("send_letter", properties(letter="ended", letter_step="send")),
        end("PLAN_ENDED_TEST"),
        end("PLAN_CONTINUES_TEST"),
        end(),
        arrows(
            "s > report > which > decide > draft > end_it > ended > send_letter > PLAN_ENDED_TEST",
            "which > other_task > e",
            "ended > PLAN_CONTINUES_TEST",
            when={"which_decide": '=report.view = "good"', "ended_send_letter": "=end_it.ended"},
        ),
    ]
    return release(diagram(process("p", *body)), by_task=True, tables={"guard": guard()})


def late_from_the_start() -> Release:
    """A task whose due date had passed two weeks before it opened."""
    body = [
        lanes(social_worker="s report e"),
        start(),
        user("report", tag("zeebe:taskSchedule", dueDate='=today() - duration("P14D")'), name="Report"),
        end(),
        arrows("s > report > e"),
    ]
    return release(diagram(process("p", *body)), by_task=True)
