"""Facts kept from somebody: marked on the record, withheld wherever they stand, found again however they are typed."""

from __future__ import annotations

import pytest

from engine.authorities import Separation
from engine.case.confidential import EVERYTHING, Mark, Party, Reader, Sight, is_withheld, marker
from engine.case.disclosure import WouldDisclose, check_discloses_nothing, sight_of_recipients
from engine.case.wording import pattern, searchable
from engine.casework import Practitioner
from engine.casework.permissions import RolesDoNotGoTogether, check_holding
from engine.errors import Forbidden, Refused
from tests.casework.drawn import asked_then_ended, two_steps
from tests.support.office import CHAIR, HEAD, MANAGER, WORKER, TestOffice, small_authority, somebody

ADDRESS = "12 Acacia Avenue, Kentish Town, London NW5 2AB"
FATHER = Party("parent", "Piotr Sample")
RELATIVE = somebody("social_worker", "sam.sample")


def marked(office: TestOffice, *kept_from: Party, fact: str = "placement_address", **more: object) -> int:
    """A case whose placement address is kept from some; the mark's number."""
    office.publish(two_steps())
    facts = {"placement_address": ADDRESS, "parents": ["Piotr Sample", "Maria Sample"]}
    case_id = office.case(**facts)
    entry = more.pop("entry", None)
    done = office.casework.mark_confidential(
        case_id,
        fact,
        kept_from or (FATHER,),
        "He threatened the carers.",
        by=WORKER,
        command_id=office.key(),
        entry=entry if isinstance(entry, str) else None,
    )
    return next(event.body["number"] for event in done.events if event.kind == "FactMarked")


@pytest.mark.parametrize(
    "said",
    [
        "She lives at 12 ACACIA AVENUE now.",
        "12, Acacia Ave",
        "12 Acacia\nAvenue",
        "postcode nw52ab",
        "NW5  2AB.",
        "12&nbsp;<b>Acacia</b> Avenue",
        ADDRESS,
    ],
)
def test_an_address_is_found_however_it_is_written(said: str) -> None:
    """A first line, a postcode, capitals, line breaks, short forms and tags hide nothing."""
    found = pattern([ADDRESS])

    assert found is not None
    assert found.search(said)


@pytest.mark.parametrize(
    "said", ["112 Acacia Avenue", "12 Acacias", "London", "NW5 2ABC", "Kentish Town Primary School"]
)
def test_other_words_are_not_taken_for_the_address(said: str) -> None:
    """What only resembles it, or is in the same town, is left as it is."""
    found = pattern([ADDRESS])

    assert found is not None
    assert not found.search(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("020 7946 0123", "ring 02079460123"),
        ("020 7946 0123", "+44 20 7946-0123"),
        ("2026-03-05", "on 5 March 2026"),
        ("2026-03-05", "on the 5th of Mar 26"),
        ("2026-03-05", "05/03/2026"),
        ("Zoë Müller-Łaski", "zoe muller Łaski"),
        ("a.carer@example.org", "A.Carer@example.org"),
    ],
)
def test_telephones_dates_and_names_are_found_however_they_are_written(text: str, said: str) -> None:
    """Digits may be grouped, dates written out, accents left off."""
    found = pattern([text])

    assert found is not None
    assert found.search(said)


def test_a_short_word_is_not_searched_for() -> None:
    """'No' stands in every letter: it is withheld where it is the fact, and nowhere else."""
    assert not searchable("no")
    assert pattern(["no"]) is None


def test_a_long_run_of_brackets_is_searched_in_a_moment() -> None:
    """Hostile text does not make the search slow."""
    found = pattern([ADDRESS])

    assert found is not None
    assert not found.search("12 " + "<>&" * 50_000 + "nothing")


def test_a_marked_fact_is_withheld_wherever_it_stands(office: TestOffice) -> None:
    """The fact itself, other texts that hold it, and what the history tells of it."""
    marked(office, Party("person", "sam.sample"))
    office.casework.add_note("C1", "Seen at 12 Acacia Ave today.", by=WORKER, command_id=office.key())
    office.casework.record_facts(
        "C1", {"placement_address": "7 Elm Road, N1 9GU"}, "moved", by=WORKER, command_id=office.key()
    )

    seen, whole = office.casework.case(RELATIVE, "C1"), office.casework.case(WORKER, "C1")

    assert is_withheld(seen.facts["placement_address"])
    for hidden in ("Acacia", "Elm Road", "N1 9GU", "threatened"):
        assert hidden not in str(seen.timeline) + str(seen.facts)
        assert hidden in str(whole.timeline)
    assert "Piotr Sample" in str(seen.facts["parents"])
    assert seen.sight.hides("placement_address")
    assert whole.sight == EVERYTHING


def test_what_the_fact_was_before_it_was_marked_is_withheld_too(office: TestOffice) -> None:
    """An address recorded, changed and then marked: the old one is as confidential as the new."""
    office.publish(two_steps())
    office.case(placement_address="3 Birch Close, E8 1AA")
    office.casework.record_facts("C1", {"placement_address": ADDRESS}, "moved", by=WORKER, command_id=office.key())
    office.casework.mark_confidential(
        "C1", "placement_address", [Party("role", "conference_chair")], "safety", by=WORKER, command_id=office.key()
    )

    assert "Birch" not in str(office.casework.case(CHAIR, "C1"))


def test_an_answer_of_a_task_can_be_kept_from_somebody(office: TestOffice) -> None:
    """`report.whereabouts` names what the task was told, also in the form of the task after it."""
    office.publish(two_steps())
    office.case()
    office.complete("report", {"whereabouts": "Hove, 14 Sea View Lane"})
    office.casework.mark_confidential(
        "C1", "report.whereabouts", [Party("role", "conference_chair")], "safety", by=WORKER, command_id=office.key()
    )

    task = office.casework.task(CHAIR, "C1", office.open_tasks()["check"])

    assert {"whereabouts": marker("report.whereabouts")} == task.scope["report"]
    assert "Sea View" not in str(office.casework.case(CHAIR, "C1").timeline)


def test_one_entry_of_a_list_can_be_kept_from_somebody(office: TestOffice) -> None:
    """The refuge among the agencies is not told to the father; the other agencies are."""
    number = marked(office, Party("person", "sam.sample"), fact="parents", entry="Maria Sample")

    assert ["Piotr Sample", marker("parents")] == office.casework.case(RELATIVE, "C1").facts["parents"]
    assert "Maria Sample" not in str(office.casework.case(RELATIVE, "C1").timeline)
    assert ["Maria Sample"] == office.now().marks[number].texts


@pytest.mark.parametrize(
    ("to", "on_list", "told"),
    [
        ("Piotr Sample", "parents", False),
        ("piotr  SAMPLE, 1 High Street", "parent_recipients", False),
        ("Maria Sample", "parents", True),
        ("Mr P. Sample", "parents", False),  # nobody the case knows: it may be him
        ("Maria Sample and Piotr Sample", "parents", False),
        ("Hill School", "agencies_involved", True),
        ("Piotr Sample", "recipients", False),
    ],
)
def test_a_recipient_is_told_only_what_is_not_kept_from_them(
    office: TestOffice, to: str, on_list: str, told: bool
) -> None:
    """Whoever may be the one it is kept from is treated as him; who surely is somebody else is told."""
    marked(office)
    text = "The child is at 12 Acacia Avenue."
    recipients = [{"list": on_list, "to": to}]

    assert told is sight_of_recipients(office.now(), recipients).whole
    if told:
        check_discloses_nothing(office.now(), text, recipients)
    else:
        with pytest.raises(WouldDisclose) as refused:
            check_discloses_nothing(office.now(), text, recipients)
        assert "Acacia" not in str(refused.value)
        assert "Piotr" not in str(refused.value)
        check_discloses_nothing(office.now(), "Nothing of it.", recipients)


def test_a_mark_is_lifted_by_who_supervises_and_never_by_whom_it_bars(office: TestOffice) -> None:
    """Lifting is recorded with its reason; the person it is kept from cannot lift it."""
    number = marked(office, Party("person", MANAGER.id))
    with pytest.raises(Forbidden):
        office.casework.unmark_confidential("C1", number, "want to see", by=MANAGER, command_id=office.key())
    with pytest.raises(Forbidden):
        office.casework.unmark_confidential("C1", number, "x", by=WORKER, command_id=office.key())

    office.casework.unmark_confidential("C1", number, "he has died", by=HEAD, command_id=office.key())

    assert ADDRESS == office.casework.case(MANAGER, "C1").facts["placement_address"]
    with pytest.raises(Refused, match="lifted already"):
        office.casework.unmark_confidential("C1", number, "again", by=HEAD, command_id=office.key())


def test_the_childs_name_is_kept_by_restricting_the_case(office: TestOffice) -> None:
    """A name stands in every list: marking it would promise what lists cannot keep."""
    with pytest.raises(Refused, match="Restrict the case instead"):
        marked(office, fact="name")


def test_marks_survive_saving_and_replay(office: TestOffice) -> None:
    """A case with marks rebuilds from its history to the same state."""
    marked(office)
    office.appoint(WORKER, HEAD)
    office.casework.record_facts("C1", {"placement_address": "7 Elm Road, N1 9GU"}, "", by=WORKER, command_id="x")
    office.casework.restrict_case("C1", [WORKER.id, HEAD.id], "a colleague's child", by=HEAD, command_id=office.key())

    assert office.casework.verify("area", "C1").certified
    (mark,) = office.now().marks.values()
    assert [ADDRESS, "7 Elm Road, N1 9GU"] == mark.texts


def test_a_mark_bars_holders_of_a_role_and_every_system() -> None:
    """Each kind of party is met by the readers of that kind, everybody of a kind included."""
    mark = Mark(1, "x", None, [["role", "iro"], ["system", "*"], ["agency", "Hill School"]], ["secret"], "", "", "")

    assert not Sight.of([mark], Reader.person("a", ["iro", "head"])).whole
    assert Sight.of([mark], Reader.person("a", ["head"])).whole
    assert not Sight.of([mark], Reader.system("mosaic")).whole
    assert not Sight.of([mark], Reader.recipient("hill school", "agencies", {}, [mark])).whole


@pytest.mark.parametrize("step", ["draft", "send_letter"])
def test_a_letter_that_a_person_typed_is_refused_where_it_would_tell(office: TestOffice, step: str) -> None:
    """At drafting, and again at sending: a mark made meanwhile stops a letter that was drafted before it."""
    office.publish(asked_then_ended())
    office.case(placement_address=ADDRESS, placement="away_foster", parents=["Piotr Sample", "Maria Sample"])
    office.complete("report", {"view": "good"})
    office.complete("decide", {"on": "2026-03-02"}, MANAGER)
    keep = {"fact": "placement_address", "kept_from": [FATHER], "why": "safety", "by": WORKER}
    letter = {"text": "The child lives at 12 Acacia Ave.", "parent_recipients": ["Piotr Sample"]}
    if step == "draft":
        office.casework.mark_confidential("C1", **keep, command_id=office.key())
        with pytest.raises(WouldDisclose):
            office.complete("draft", letter, CHAIR)
        office.complete("draft", {**letter, "parent_recipients": ["Maria Sample"]}, CHAIR)
        return
    office.complete("draft", letter, CHAIR)
    office.casework.mark_confidential("C1", **keep, command_id=office.key())
    with pytest.raises(WouldDisclose):
        office.complete("send_letter", {"sent_on": "2026-03-02"}, CHAIR)

    assert "LetterSent" not in str(office.casework.case(WORKER, "C1").timeline)


def test_whoever_covers_a_colleague_does_their_task_and_nobody_else_does(office: TestOffice) -> None:
    """Cover is for a person in a role: another holder of the role may not take what is a colleague's."""
    office.publish(two_steps())
    office.case()
    office.casework.claim_task("C1", office.open_tasks()["report"], by=WORKER, command_id=office.key())
    standing = Practitioner("cy", "area", "Cy", WORKER.roles, frozenset({(WORKER.id, "social_worker")}))
    with pytest.raises(Forbidden):
        office.complete("report", {}, somebody("social_worker", "another"))

    office.complete("report", {}, standing)

    (done,) = [entry.command for entry in office.store.history("area", "C1") if entry.command.kind == "complete_task"]
    assert ("cy", WORKER.id) == (done.by, done.body["covering"])


def test_two_roles_of_a_case_can_be_made_two_people(office: TestOffice) -> None:
    """Where the authority says so, one person is not allocated both; elsewhere they may be."""
    both = {"conference_chair": "ann", "iro": "ann"}
    office.casework.open_case("C1", {"name": "A"}, by=WORKER, command_id=office.key(), roles=both)
    apart = Separation(two_people_on_a_case=frozenset({frozenset({"conference_chair", "iro"})}))
    office.shelf.put_in_force(small_authority(separation=apart), at=office.clock.now(), by="t", why="t")

    with pytest.raises(RolesDoNotGoTogether):
        office.casework.open_case("C2", {"name": "B"}, by=WORKER, command_id=office.key(), roles=both)
    office.casework.open_case("C3", {"name": "C"}, by=WORKER, command_id=office.key(), roles={"iro": "ann"})
    with pytest.raises(RolesDoNotGoTogether):
        office.casework.allocate_role("C3", "conference_chair", "ann", by=MANAGER, command_id=office.key())
    office.casework.allocate_role("C3", "conference_chair", "ben", by=MANAGER, command_id=office.key())


def test_a_refused_role_or_cover_names_roles_as_they_are_called() -> None:
    """Whoever gives a role or a cover reads what the authority calls both, and no code."""
    with pytest.raises(RolesDoNotGoTogether) as refused:
        check_holding(small_authority(), "ann", ["social_worker"], "auditor")

    assert "ann cannot be auditor and social worker at once" in str(refused.value)
