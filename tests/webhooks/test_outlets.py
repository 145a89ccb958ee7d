"""What is kept from somebody is in nothing that reaches them: each outlet is made to deliver, and what came is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from engine.case.confidential import Party
from engine.case.letters import recipients_of
from engine.execution import JobWait
from engine.letters import letter_pdf
from engine.work import HandFailed, JobOrder
from tests.support.house import House
from tests.support.mail import Postbox
from tests.support.receiving import receiving
from tests.support.sending import a_system
from tests.support.visitor import Visitor
from webhooks.api.described import OPERATIONS, PREFIX
from webhooks.mail import MailServer
from webhooks.outbound import Outgoing, Post

Visit = Callable[..., Visitor]
ADDRESS = "12 Acacia Avenue, Kentish Town, London NW5 2AB"
SECRETS = ("Acacia", "NW5 2AB", "threatened the carers")
CASE = "CAM-2026-0888"

_MARKER = re.compile(r"\[\[withheld: .*?\]\]")


def told(house: House, *kept_from: Party) -> str:
    """A case with a marked address in its facts, an answer, a note and a letter that was sent."""
    house.open_case(CASE, placement_address=ADDRESS)
    house.start(CASE, "camden_admin_removal")
    by, today = house.person("social_worker"), house.clock.now().date().isoformat()
    house.casework.add_note(CASE, "Visited at 12 Acacia Ave. All well.", by=by, command_id=house.key())
    agreed = {"no_longer_at_risk": True, "plan_no_longer_required": True, "agree": True, "reasons": f"At {ADDRESS}."}
    house.complete(CASE, "agree_s20_removal", "cp_service_manager", agreed)
    decided = {"decision": "discharge", "reasons": "On the facts.", "decided_on": today}
    house.complete(CASE, "decide_admin_removal", "iro_service_manager", decided)
    drafted = {
        "reason_code": "S20_AWAY",
        "network_recipients": ["School"],
        "parent_recipients": ["The mother"],
        "text": f"The plan ends. The child lives at {ADDRESS}.",
    }
    house.complete(CASE, "draft_removal_letter", "conference_chair", drafted)
    closed = {"episode_ref": "CP-1", "end_date": today, "end_reason": "Removal"}
    house.complete(CASE, "end_cp_episode", "conference_chair", closed)
    sent = {"sent_on": today, "channel": "post", "recipients_confirmed": True}
    house.complete(CASE, "send_removal_letter", "social_worker", sent)
    house.casework.mark_confidential(
        CASE, "placement_address", kept_from, "He threatened the carers.", by=by, command_id=house.key()
    )
    return CASE


def reveals(text: str) -> list[str]:
    """The secrets in a text, however tags and spaces cut it."""
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))
    return [secret for secret in SECRETS if secret in plain]


def order(kind: str, headers: dict[str, str], asked: dict[str, str] | None = None) -> JobOrder:
    """A job as a worker hands it over."""
    return JobOrder("camden", CASE, f"camden:{CASE}:12", JobWait(12, "tell", kind, headers, asked or {}, 3))


@pytest.mark.parametrize(("barred", "reaches"), [("mosaic", []), ("another", list(SECRETS[:2]))])
def test_a_delivered_webhook(house: House, tmp_path: Path, barred: str, reaches: list[str]) -> None:
    """What a receiver's machine was sent holds the marker instead; another receiver's mark bars it from nothing."""
    told(house, Party("system", barred))
    with receiving() as mosaic:
        admin = house.person("system_admin")
        house.casework.partnerships.add_receiver(admin, "mosaic", "Mosaic", mosaic.address, [])
        house.store.upkeep.make_demonstration()
        post = Post(Outgoing(tmp_path), house.store, house.shelf, house.casework, house.clock)
        post.report(order("webhook", {"message": "Moved"}, {"note": f"The child is at {ADDRESS}."}))

        ((_, body),) = mosaic.told
    assert reaches == reveals(body)
    assert ("withheld: placement_address" in body) == (not reaches)


def test_a_delivered_mail_and_its_paper(house: House, postbox: Postbox, tmp_path: Path) -> None:
    """The paper that a mail would take along is held back, so that nothing at all is handed in."""
    told(house, Party("role", "iro_service_manager"))
    server = MailServer(postbox.host, postbox.port, "pathways@camden.example")
    post = Post(Outgoing(tmp_path, server), house.store, house.shelf, house.casework, house.clock)
    headers = {"to_role": "iro_service_manager", "subject": "A plan ended", "text": "Open the case."}

    with pytest.raises(HandFailed, match="kept from a reader"):
        post.mail(order("mail", {**headers, "attach": "administrative_removal"}))
    assert [] == postbox.messages
    post.mail(order("mail", headers))

    (message,) = postbox.messages
    assert [] == reveals(message.as_string())


@pytest.mark.parametrize("system", ["", "reports"])
def test_every_route_of_the_api(app: Flask, house: House, system: str) -> None:
    """Each thing that a token can read of the case is read with a barred person's and a barred system's token."""
    party = Party("system", system) if system else Party("person", house.person("head_of_quality_assurance").id)
    told(house, party)
    admin = house.person("system_admin")
    holder, name = ("system", system) if system else ("person", party.who)
    roles = ["auditor"] if system else []
    # A system may hold what only reads.
    token = house.casework.partnerships.issue_token(admin, holder, name, roles, ["cases:read", "tasks:read"], 9)  # type: ignore[arg-type]  # one of two words
    case = house.casework.load("camden", CASE)
    read = []
    for one in OPERATIONS:
        if one.method != "GET":
            continue
        for number in [*case.letters, *case.desks, 1]:
            path = one.path.format(case_id=CASE, task=number, number=number)
            answer = app.test_client().get(PREFIX + path, headers={"Authorization": f"Bearer {token}"})
            if answer.status_code == 200:
                read.append(one.path)
            assert [] == reveals(answer.get_data().decode("latin-1")), path
    assert {"/cases/{case_id}", "/cases/{case_id}/history", "/cases/{case_id}/letters/{number}"} <= set(read)


def test_the_paper_of_a_letter(house: House) -> None:
    """A PDF is drawn from what its reader may see: the text of a barred reader's paper holds the marker."""
    told(house, Party("person", house.person("head_of_quality_assurance").id))
    (number,) = house.casework.load("camden", CASE).letters

    barred = house.casework.letter(house.person("head_of_quality_assurance"), CASE, number, pdf=True)
    other = house.casework.letter(house.person("iro_service_manager"), CASE, number, pdf=True)

    assert [] == reveals(barred.text)
    assert list(SECRETS[:2]) == reveals(other.text)
    assert barred.pdf is not None
    assert b"Acacia" not in barred.pdf
    assert barred.pdf != other.pdf


def test_the_paper_of_a_letter_does_not_say_which_fact_is_kept(house: House) -> None:
    """Where something is withheld the paper says so in words, as the page does, and not by the name of the fact."""
    told(house, Party("person", house.person("head_of_quality_assurance").id))
    case = house.casework.load("camden", CASE)
    ((number, kept),) = case.letters.items()
    template = house.shelf.release("camden", case.running[kept.instance].release).letters[kept.letter]

    seen = house.casework.letter(house.person("head_of_quality_assurance"), CASE, number, pdf=True)

    assert "[[withheld: " in seen.text
    words, *readers = (_MARKER.sub("(kept from you)", text) for text in (seen.text, *recipients_of(kept)))
    signed = house.person("social_worker").name
    settings = house.casework.authority("camden")
    own = [
        letter_pdf(template, words, readers, settings, sent_on=kept.sent_day, signed_by=by, reference=CASE)
        for by in (signed, None)
    ]
    assert seen.pdf in own


@pytest.mark.parametrize("page", ["film", "film/table", "audit", "diagram", "history"])
def test_what_an_auditor_watches(house: House, visit: Visit, page: str) -> None:
    """No frame of the film, its table, its values before and after, or a diagram's data tells a barred auditor."""
    told(house, Party("role", "auditor"))
    visitor = visit("auditor")
    frames = range(1, len(list(house.store.history("camden", CASE))) + 1) if page == "film" else [0]
    for frame in frames:
        place = "/audit" if page == "audit" else f"/cases/{CASE}/{page}"
        answer = visitor.client.get(f"{place}?frame={frame}" if frame else place, follow_redirects=True)
        assert [] == reveals(answer.text), (page, frame)


def test_a_fact_of_one_word_is_kept_from_the_film(house: House) -> None:
    """A value that no text could be searched for, such as a yes, is kept by its name."""
    house.open_case(CASE)
    head, auditor = house.person("head_of_quality_assurance"), house.person("auditor")
    house.casework.record_facts(CASE, {"plo_active": True}, "told", by=head, command_id=house.key())
    house.casework.mark_confidential(
        CASE, "plo_active", [Party("role", "auditor")], "Not theirs.", by=head, command_id=house.key()
    )

    shown = house.casework.film(auditor, CASE)

    changes = [change for frame in shown.frames for change in frame.changes if change.name == "case.plo_active"]
    assert not [change for change in changes if True in (change.before, change.after)]


def test_a_dead_letter_about_the_case(app: Flask, house: House, visit: Visit) -> None:
    """What a message says of a case is shown as the case itself would be: without what is kept from its reader."""
    told(house, Party("role", "system_admin"))
    mosaic = a_system(app, house)
    mosaic.send(mosaic.event("NobodyWaitsForThis", CASE, data={"note": f"Moved to {ADDRESS}."}))
    for role, secrets in (("system_admin", []), ("head_of_quality_assurance", list(SECRETS[:2]))):
        visitor = visit(role)
        listed = visitor.get("/dead-letters")
        page = visitor.get(next(href for text, href in listed.links().items() if text.startswith("Look at it")))
        assert secrets == reveals(page.text), role


def test_figures_count_and_tell_nothing(house: House, visit: Visit) -> None:
    """The dashboard, lists and in-tray of a barred Head name the case and nothing that is kept from them."""
    told(house, Party("role", "head_of_quality_assurance"))
    visitor = visit("head_of_quality_assurance")
    for place in ("/dashboard", "/cases", "/tasks", "/in-tray", "/"):
        assert [] == reveals(visitor.client.get(place, follow_redirects=True).text), place


def test_the_day_a_letter_went_is_told_alike_by_its_page_and_its_paper(house: House) -> None:
    """When a step was taken is no fact of the child: it stands although the child became looked after on that day."""
    told(house, Party("role", "conference_chair"))
    by, today = house.person("social_worker"), house.clock.now().date().isoformat()
    house.casework.record_facts(CASE, {"cla_start_date": today}, "Known.", by=by, command_id=house.key())
    kept_from = [Party("role", "conference_chair")]
    house.casework.mark_confidential(CASE, "cla_start_date", kept_from, "Safety.", by=by, command_id=house.key())
    chair = Visitor(house.app())
    chair.sign_in(house.login("conference_chair"))
    letters = chair.get(f"/cases/{CASE}/letters")
    assert "2 March 2026" in letters.root.xpath("string(//td[@data-label='When'])")

    page = " ".join(chair.get(str(letters.root.xpath("//th/a/@href")[0])).text.split())

    assert "As sent on 2 March 2026" in page
    assert "Sent 2 March 2026 by post" in page
    assert "Sent by Philippa Greenhalgh, 2 March 2026 at 9:30am" in page
    assert "Looked after since Kept from you" in " ".join(chair.get(f"/cases/{CASE}").text.split())
