"""A letter by mail: asked for on a page, sent to each recipient alone, and the page says what became of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.case.confidential import Party
from engine.case.disclosure import WouldDisclose
from engine.letters import letter_pdf
from engine.work import TRIES, Work
from tests.support.house import House
from tests.support.mail import Postbox
from tests.support.visitor import Page, Visitor
from webhooks.mail import MailServer
from webhooks.outbound import Outgoing, Post
from webhooks.words import an_address

Visit = Callable[..., Visitor]
CASE = "CAM-2026-0417"
SCHOOL = "Kentish Town Primary School, Islip Street, NW5"
MOTHER = "Mariana Sample"


@pytest.fixture
def letter(house: House) -> int:
    """A letter that was sent to a school and a mother; its number."""
    house.open_case(CASE)
    house.start(CASE, "camden_admin_removal")
    today = house.clock.now().date().isoformat()
    agreed = {"no_longer_at_risk": True, "plan_no_longer_required": True, "agree": True, "reasons": "Both are met."}
    house.complete(CASE, "agree_s20_removal", "cp_service_manager", agreed)
    decided = {"decision": "discharge", "reasons": "On the facts.", "decided_on": today}
    house.complete(CASE, "decide_admin_removal", "iro_service_manager", decided)
    drafted = {
        "reason_code": "S20_AWAY",
        "network_recipients": [SCHOOL],
        "parent_recipients": [MOTHER],
        "text": "The plan ends under section 20.",
    }
    house.complete(CASE, "draft_removal_letter", "conference_chair", drafted)
    closed = {"episode_ref": "CP-1", "end_date": today, "end_reason": "Removal"}
    house.complete(CASE, "end_cp_episode", "conference_chair", closed)
    sent = {"sent_on": today, "channel": "email", "recipients_confirmed": True}
    house.complete(CASE, "send_removal_letter", "social_worker", sent)
    return next(iter(house.casework.load("camden", CASE).letters))


def worker(house: House, postbox: Postbox | None) -> Work:
    """A worker with a mail server, or with none."""
    server = None if postbox is None else MailServer(postbox.host, postbox.port, "pathways@camden.example")
    hands = Post(Outgoing(mail=server), house.store, house.shelf, house.casework, house.clock)
    return Work(
        house.store,
        house.casework,
        house.clock,
        name="w",
        job_hands=hands.job_hands(),
        notice_hands=hands.notice_hands(),
    )


def rows(page: Page) -> dict[str, str]:
    """What the page says became of the mail, by recipient."""
    found = {}
    for row in page.root.xpath("//table[contains(., 'What became of it')]/tbody/tr"):
        who, *cells = [" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")]
        found[who] = " ".join(cells)
    return found


def ask(visit: Visit, letter: int, **addresses: str) -> Page:
    """Fill in the page that asks where the letter goes."""
    worker = visit("social_worker")
    form = worker.get(f"/cases/{CASE}/letters/{letter}/mail").form("/mail")
    return worker.send(form, {name.replace("_", "-"): address for name, address in addresses.items()})


def test_a_mail_address_breaks_behind_its_sign_and_its_dots_and_holds_no_markup_of_its_own() -> None:
    """Where a column is narrow an address stays readable; what somebody typed is never HTML."""
    assert "a.<wbr>b@<wbr>home.<wbr>example" == an_address("a.b@home.example")
    assert "&lt;b&gt;@<wbr>x" == an_address("<b>@x")
    assert "kept from you" == an_address("[[withheld: parents]]")


def test_a_folder_of_post_that_cannot_be_written_is_said_and_tried_again(
    visit: Visit, house: House, letter: int, tmp_path: Path
) -> None:
    """What cannot be laid down waits, listed with the reason, and goes once the folder is there."""
    ask(visit, letter, to_1="mariana@home.example")
    folder = tmp_path / "post"
    folder.write_text("A file where the folder should be.")
    hands = Post(Outgoing(folder), house.store, house.shelf, house.casework, house.clock)
    work = Work(house.store, house.casework, house.clock, name="w", job_hands={}, notice_hands=hands.notice_hands())

    work.round()
    why = "Nothing could be laid in the folder of outgoing post."
    assert why in visit("system_admin").get("/messages-out").text
    assert why in rows(visit("social_worker").get(f"/cases/{CASE}/letters/{letter}"))[MOTHER]

    folder.unlink()
    house.clock.advance_by(timedelta(minutes=5))
    work.round()
    assert 1 == len(list(folder.glob("*.eml")))


def test_each_recipient_gets_a_message_of_their_own_and_the_page_says_when(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """One mail each, the letter as its paper, nobody reads another's address; waiting first, then sent."""
    page = ask(visit, letter, to_0="office@school.example", to_1="mariana@home.example")
    assert [True, True] == ["Waiting to go out" in said for said in rows(page).values()]

    worker(house, postbox).round()

    assert [{"office@school.example"}, {"mariana@home.example"}] == [{mail["To"]} for mail in postbox.messages]
    for mail in postbox.messages:
        (paper,) = mail.iter_attachments()
        assert paper.get_content().startswith(b"%PDF")
        body = mail.get_body()
        assert body is not None
        assert "Featherstonehaugh" not in mail["Subject"] + body.get_content()
    page = visit("social_worker").get(f"/cases/{CASE}/letters/{letter}")
    assert {SCHOOL, MOTHER} == set(rows(page))
    assert all("Sent The mail server took it on 2 March 2026" in said for said in rows(page).values())
    assert "Email handed to the mail server" in visit("social_worker").get(f"/cases/{CASE}/history").text
    assert house.casework.verify("camden", CASE).certified


def test_the_paper_in_a_mail_is_its_readers_own_copy_signed_by_whoever_sent_it(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """A school never reads from its copy that the mother gets one, or where she lives."""
    ask(visit, letter, to_0="office@school.example", to_1="mariana@home.example")

    worker(house, postbox).round()

    case = house.casework.load("camden", CASE)
    kept = case.letters[letter]
    template = house.shelf.release("camden", case.running[kept.instance].release).letters[kept.letter]
    settings = house.casework.authority("camden")
    signed = house.person("social_worker").name
    for mail, reader in zip(postbox.messages, (SCHOOL, MOTHER), strict=True):
        (paper,) = mail.iter_attachments()
        own = letter_pdf(
            template, kept.text, [reader], settings, sent_on=kept.sent_on, signed_by=signed, reference=CASE
        )
        assert own == paper.get_content()


def test_a_letter_sent_on_a_day_that_is_kept_from_its_reader_still_opens(
    visit: Visit, house: House, letter: int
) -> None:
    """When a step was taken is no fact of the case: the list, the page and the paper open."""
    by = house.person("social_worker")
    house.casework.mark_confidential(
        CASE, "plan_end_date", [Party("role", "conference_chair")], "why", by=by, command_id=house.key()
    )

    chair = visit("conference_chair")

    assert 200 == chair.client.get(f"/cases/{CASE}/letters/{letter}").status_code
    assert chair.client.get(f"/cases/{CASE}/letters/{letter}.pdf").data.startswith(b"%PDF-")
    assert 200 == chair.client.get(f"/cases/{CASE}/letters").status_code


def test_a_server_that_is_down_for_an_hour_gets_each_mail_once(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """It is tried again and says so; when the server is back each arrives once, and the page says when."""
    postbox.refuse = True
    ask(visit, letter, to_0="office@school.example", to_1="mariana@home.example")
    one = worker(house, postbox)
    for _ in range(12):
        one.round()
        house.clock.advance_by(timedelta(minutes=5))
    page = visit("social_worker").get(f"/cases/{CASE}/letters/{letter}")
    assert all("Being tried again The mail server did not take it." in said for said in rows(page).values())

    postbox.refuse = False
    for _ in range(24):
        one.round()
        house.clock.advance_by(timedelta(minutes=5))

    assert 2 == len({mail["Message-ID"] for mail in postbox.messages}) == len(postbox.messages)


def test_a_mail_that_was_given_up_says_why_and_is_sent_again_under_its_own_id(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """Failed for good it waits for a person; sent again it carries the id that its tries carried."""
    ask(visit, letter, to_0="office@school.example")
    worker(house, None).round()
    page = visit("social_worker").get(f"/cases/{CASE}/letters/{letter}")
    assert "Not sent No mail server is set for this service. Given up on 2 March 2026" in rows(page)[SCHOOL]
    assert "Not mailed from here" in rows(page)[MOTHER]
    admin = visit("system_admin")
    assert "A letter (letter)" in admin.get("/messages-out").text

    again = visit("social_worker")
    page = again.send(again.get(f"/cases/{CASE}/letters/{letter}").form("/mail/again"))
    assert "Waiting to go out" in rows(page)[SCHOOL]
    assert "A letter (letter)" not in admin.get("/messages-out").text
    worker(house, postbox).round()
    page = again.get(f"/cases/{CASE}/letters/{letter}")
    again.send(page.form("/mail/again"))
    worker(house, postbox).round()

    assert [1, 2] == [len({mail["Message-ID"] for mail in postbox.messages}), len(postbox.messages)]
    assert "3 times in all" in rows(again.get(f"/cases/{CASE}/letters/{letter}"))[SCHOOL]


def test_two_who_press_at_once_send_one_mail(visit: Visit, house: House, postbox: Postbox, letter: int) -> None:
    """A second asking while the first is on its way is refused in words."""
    worker_page = visit("social_worker")
    form = worker_page.get(f"/cases/{CASE}/letters/{letter}/mail").form("/mail")
    worker_page.send(form, {"to-0": "office@school.example"})
    other = visit("conference_chair")
    late = worker_page.client.post(
        str(form.get("action")),
        data={**dict(form.form_values()), "form_key": "another-key-of-another-page", "to-0": "office@school.example"},
    )
    assert other.get(f"/cases/{CASE}/letters/{letter}/mail").root.xpath("//input[@id='to-1']")
    assert 409 == late.status_code
    worker(house, postbox).round()
    assert 1 == len(postbox.messages)


@pytest.mark.parametrize(
    "typed", ["", "no address", "a@b", "a@school.example\nBcc: b@school.example", "ü@school.example"]
)
def test_what_is_no_address_is_asked_again(visit: Visit, letter: int, typed: str) -> None:
    """Beside the question, in words; a second header can never be smuggled in."""
    page = visit("social_worker")
    form = page.get(f"/cases/{CASE}/letters/{letter}/mail").form("/mail")
    assert 1 == len(page.send(form, {"to-0": typed}, status=409).problems())


def test_who_does_not_work_on_the_case_mails_nothing(visit: Visit, house: House, letter: int) -> None:
    """Neither page nor button; the address typed by hand is refused."""
    auditor = visit("auditor")
    assert not auditor.get(f"/cases/{CASE}/letters/{letter}").root.xpath("//a[normalize-space()='Send by email']")
    auditor.get(f"/cases/{CASE}/letters/{letter}/mail", status=403)
    visit("minute_taking_service").get(f"/cases/{CASE}/letters/{letter}/mail", status=403)
    assert visit("iro_service_manager").get(f"/cases/{CASE}/letters/{letter}/mail").form("/mail") is not None


def test_a_letter_tells_its_reader_nothing_that_was_kept_from_them_since(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """Looked at when it is asked for, and once more in the moment before it goes."""
    ask(visit, letter, to_1="mariana@home.example")
    by = house.person("social_worker")
    house.casework.mark_confidential(
        CASE, "ground", [Party("parent", MOTHER)], "Threats.", by=by, command_id=house.key(), also=["section 20"]
    )
    worker(house, postbox).round()

    assert [] == postbox.messages
    worker_on_it = visit("social_worker")
    page = worker_on_it.get(f"/cases/{CASE}/letters/{letter}")
    assert "something that is kept from this recipient" in rows(page)[MOTHER]
    with pytest.raises(WouldDisclose):
        house.casework.mail_again(
            CASE, letter, house.casework.mailed(by, CASE, letter)[0].notice, by=by, command_id=house.key()
        )

    refused = worker_on_it.send(page.form("/mail/again"), status=409).text
    assert "something that is kept from somebody it goes to" in refused
    assert "It does not go to them again." in refused
    assert not any(word in refused for word in ("mark 1", "(ground)", "What you wrote", ":mail:"))


def test_a_letter_of_an_ending_that_was_an_error_is_not_mailed(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """What was on its way when the plan was made active again stays here."""
    ask(visit, letter, to_0="office@school.example")
    head = house.person("head_of_quality_assurance")
    house.casework.reinstate_plan(CASE, "Ended in error.", effective_on=None, by=head, command_id=house.key())
    worker(house, postbox).round()

    assert [] == [mail for mail in postbox.messages if mail["To"] == "office@school.example"]
    page = visit("social_worker").get(f"/cases/{CASE}/letters/{letter}")
    assert "told of an ending that was an error" in rows(page)[SCHOOL]


def test_a_recalled_letter_says_so_where_it_is_read_and_names_what_told_its_readers(
    visit: Visit, house: House, letter: int
) -> None:
    """Nobody takes a letter for true that told of an ending which was an error, nor wonders who was told otherwise."""
    reader, place = visit("social_worker"), f"/cases/{CASE}/letters"
    head = house.person("head_of_quality_assurance")
    assert "recalled" not in reader.get(f"{place}/{letter}").text.lower()
    house.casework.reinstate_plan(CASE, "Ended in error.", effective_on=None, by=head, command_id=house.key())

    for page in (reader.get(place), reader.get(f"{place}/{letter}")):
        assert "Recalled" in page.text
        assert "No letter has told its readers yet that it was wrong." in page.text
    assert "Send by email" not in reader.get(f"{place}/{letter}").links()

    first = told_otherwise(house)
    assert "1 recipient still to be told." in reader.get(place).text
    second = told_otherwise(house)

    for page in (reader.get(place), reader.get(f"{place}/{letter}")):
        told = "//*[self::p or self::span][contains(., 'Its readers were told that it was wrong')]/a/@href"
        assert [f"{place}/{first}", f"{place}/{second}"] == page.root.xpath(told)
        assert "still to be told" not in page.text
    assert "Recalled" not in reader.get(f"{place}/{second}").text


def test_each_letter_that_puts_an_ending_right_says_for_whom_it_is(visit: Visit, house: House, letter: int) -> None:
    """Who writes the second one knows that it is no repetition: it is for the list that the first did not go to."""
    head = house.person("head_of_quality_assurance")
    house.casework.reinstate_plan(CASE, "Ended in error.", effective_on=None, by=head, command_id=house.key())
    writer = visit("social_worker")

    first = writer.get(f"/cases/{CASE}/tasks/{house.task(CASE, 'draft_recall')}")
    told_otherwise(house)
    second = writer.get(f"/cases/{CASE}/tasks/{house.task(CASE, 'draft_recall')}")

    assert "Letter 1 of 2: " in first.text
    assert f"This one is for {SCHOOL}." in first.text
    assert "Letter 2 of 2: " in second.text
    assert f"This one is for {MOTHER}." in second.text
    assert SCHOOL not in second.text


def told_otherwise(house: House) -> int:
    """The next list of a recalled letter's readers is told that it was wrong; the number of the letter that does."""
    task = house.task(CASE, "draft_recall")
    scope = house.casework.scope_of(house.casework.load("camden", CASE), task)
    names = scope["notice"]["recipients"]
    house.complete(CASE, "draft_recall", "social_worker", {"told_recipients": names, "text": "The plan goes on."})
    agreed = {"agree": True}
    house.complete(CASE, "approve_recall", "iro_service_manager", agreed)
    today = house.clock.now().date().isoformat()
    sent = {"sent_on": today, "channel": "post", "recipients_confirmed": True}
    house.complete(CASE, "send_recall", "social_worker", sent)
    return max(house.casework.load("camden", CASE).letters)


def test_a_mail_that_is_refused_for_ever_waits_after_its_last_try(
    visit: Visit, house: House, postbox: Postbox, letter: int
) -> None:
    """Twelve tries, then a dead letter; nothing is tried on for ever and nothing is lost."""
    postbox.refuse = True
    ask(visit, letter, to_0="office@school.example")
    one = worker(house, postbox)
    for _ in range(40):
        one.round()
        house.clock.advance_by(timedelta(hours=2))

    page = visit("social_worker").get(f"/cases/{CASE}/letters/{letter}")
    assert f"after {TRIES} tries" in rows(page)[SCHOOL]
