"""Every page of the demonstration, looked at: axe, 320 pixels, the keyboard, print; pictures are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from engine.case.confidential import Party
from engine.case.state import CaseState
from engine.casework import Casework, Practitioner, Shelf
from engine.casework.letterbox import Message
from engine.clock import london_date
from engine.replay import recorded_events
from engine.store import open_store
from engine.store.key_files import MasterKey
from engine.studio.trying import Trying
from webhooks.access import Audience, audiences_of
from webhooks.app import create_app
from webhooks.demonstration import Demonstration, DemonstrationClock
from webhooks.set_up.build import build
from webhooks.settings import Settings

NewContext = Callable[..., BrowserContext]
Accessible = Callable[..., None]
Screenshot = Callable[[Page, str], Path]

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-password-for-tests"

#: Pages that say what cannot be shown.
REFUSED = {"not found", "not allowed", "task done meanwhile"}

#: The pathway whose draft the studio's pages show.
DRAWN = "camden_admin_removal"
#: The pages in browsers' worths, so that several can be at it.
PARTS = ("studio", "one half of the others", "the other half")
#: Milliseconds that a page may take which is the first to read every release, on a machine that has much else to do.
PATIENCE = 60_000
#: What the editors draw themselves is looked at in tests/browser/test_editors.py.
DRAWN_BY_OTHERS = (".app-editor",)

#: Where the names and the reference of a case stand, below its address.
LONG_WORDS = (
    *("", "/steps", "/history", "/letters", "/confidential", "/restriction", "/allocation", "/looks", "/film"),
    *("/film/table", "/siblings", "/life-event", "/start"),
)

#: Addresses that a browser opens and this module does not, each with the reason.
EXPLAINED = {
    "door.home": "leads on to the first page of whoever asks",
    "door.health": "says one word, to machines",
    "watching.ready": "says one word, to machines",
    "api.openapi": "is a JSON document, for programs",
    "oidc.set_out": "leads on to a council's provider (tests/webhooks/test_oidc.py)",
    "oidc.arrive": "leads on from a council's provider (tests/webhooks/test_oidc.py)",
    "static": "is a file",
    "cases.diagram": "is a file, drawn by /cases/<case_id>/steps",
    "cases.letter_pdf": "is a PDF (tests/engine/letters/test_paper.py holds it to PDF/UA)",
    "finds.find_csv": "is a table to download",
    "finds.register_csv": "is a table to download",
    "times.steps_csv": "is a table to download",
    "times.timeliness_csv": "is a table to download",
    "studio.running": "shows the scenarios as /scenarios does, while it runs them (tests/webhooks/test_studio.py)",
    "studio.trial_task": "is looked at in tests/browser/test_studio_story.py",
    "studio.draft": "is looked at in tests/browser/test_studio_story.py",
    "studio_editors.edit": "is looked at in tests/browser/test_editors.py",
    "studio.submission": "needs every scenario of a draft to have passed (tests/browser/test_studio_story.py)",
    "studio.export_draft": "is a folder to download",
    "studio.export_published": "is a folder to download",
    "studio.raw": "is a file, read by the editors",
    "studio_editors.opened": "is a JSON document, read by the editors",
}


class Council:
    """A demonstration being served: its address, its store, and who holds which role."""

    def __init__(
        self, address: str, app: Flask, casework: Casework, sign_ins: dict[str, str], authorities: tuple[str, ...]
    ) -> None:
        self.address, self.app, self.casework, self.store = address, app, casework, casework.store
        self.sign_ins, self.authorities = sign_ins, authorities
        self.verification, self.draft, self.trial = self._prepared()

    def _prepared(self) -> tuple[int, int, str]:
        """What a demonstration does not have by itself: a verification, a dead letter, a draft with a trial."""
        lost = Message("casework-record", "mosaic", "m-1", "ChildMoved", "CAM-NOBODY", None, {"note": "He has moved."})
        self.casework.letterbox.receive("camden", lost)
        self._stop_a_case()
        auditor = self.person("auditor")
        verification = self.casework.verify_all(auditor)
        number = self.casework.go_on(
            auditor, verification.verification.number, time=monotonic, seconds=2
        ).verification.number
        studio, analyst = Trying(self.store, Shelf(self.store), DemonstrationClock(self.store)), self.person("analyst")
        draft = studio.begin(analyst, "A draft of a test").number
        found = studio.open(analyst, draft).workspace.scenarios[0].values()
        sample = next(one for one in found if one.pathway == DRAWN)
        return number, draft, studio.begin_trial(analyst, draft, DRAWN, sample.now, sample.facts).number

    def _stop_a_case(self) -> None:
        """A death is to be told of, and no system is told: an operator has to look."""
        case_id, by = "CAM-STOPPED", self.person("social_worker")
        facts = {"name": "Maximiliane Featherstonehaugh-Cholmondeley", "legal_status": "s20", "placement": "away_kin"}
        self.casework.open_case(case_id, facts, by=by, command_id="stopped-1")
        self.casework.start_pathway(case_id, DRAWN, by=by, command_id="stopped-2")
        self.casework.record_life_event(case_id, "ChildDied", {}, received_on=None, by=by, command_id="stopped-3")
        waiting = self.casework.load("camden", case_id).desks
        job = next(number for number, desk in waiting.items() if desk.element == "report_serious_incident")
        code, said = "nobody_to_send_to", "No receiver is told of SeriousIncident."
        self.casework.fail_job("camden", case_id, job, code, said, command_id="stopped-4", settles=None)

    def person(self, role: str) -> Practitioner:
        """Who signs in as a holder of a role."""
        return Practitioner(self.sign_ins[role], "camden", role, frozenset({role}))

    def endpoint(self, path: str) -> str:
        """Which page of the application an address opens."""
        return str(self.app.url_map.bind("council.example").match(path.partition("?")[0])[0])

    def case_at(self, element: str) -> str:
        """A case that waits at a step."""
        page = self.store.lists.worklist("camden", "", set(self.sign_ins), whose="team", element=element, most=1)
        return page.lines[0].case_id

    def task_at(self, element: str) -> str:
        """The address of an open task of a step."""
        page = self.store.lists.worklist("camden", "", set(self.sign_ins), whose="team", element=element, most=1)
        return f"/cases/{page.lines[0].case_id}/tasks/{page.lines[0].task.task}"

    def holder_at(self, element: str) -> str:
        """The sign-in of whoever has that task."""
        page = self.store.lists.worklist("camden", "", set(self.sign_ins), whose="team", element=element, most=1)
        return page.lines[0].task.assignee or ""

    def worker_of(self, case_id: str) -> str:
        """The sign-in of a case's social worker."""
        return self._case(case_id).roles["social_worker"]

    def release_of(self, case_id: str) -> str:
        """The release of the pathway that a case began with."""
        return next(iter(self._case(case_id).running.values())).release

    def unborn(self) -> str:
        """A case of a child who is not born yet."""
        lines = self.store.lists.cases("camden", most=100)
        return next(line.case_id for line in lines if self._case(line.case_id).facts.get("unborn"))

    def done_in(self, case_id: str) -> int:
        """The number of the first step that was completed in a case."""
        for entry in self.store.history("camden", case_id):
            for event in recorded_events(entry):
                if event.kind == "TaskCompleted":
                    return int(event.body["task"])
        raise AssertionError(f"Nothing was completed in {case_id}")

    def _case(self, case_id: str) -> CaseState:
        return Casework(self.store, Shelf(self.store), DemonstrationClock(self.store)).load("camden", case_id)

    def case_with_letter(self) -> str:
        """A case whose plan has ended with a letter that was sent."""
        ended = self.store.lists.cases("camden", plan_status="ENDED", most=50)
        return next(line.case_id for line in ended if self.sent_letters(line.case_id))

    def sent_letters(self, case_id: str) -> list[int]:
        """The numbers of a case's letters that were sent."""
        return [letter.number for letter in self._case(case_id).letters.values() if letter.state == "sent"]


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """The demonstration as `make run` sets it up, served by threads."""
    folder = tmp_path_factory.mktemp("council")
    MasterKey.create(folder / "keys")
    store = open_store(f"sqlite:///{folder / 'council.db'}", keys=folder / "keys", create=True)
    staff = build(store, ROOT / "processes", PASSWORD, lambda words: None)
    shelf, clock = Shelf(store), DemonstrationClock(store)
    casework = Casework(store, shelf, clock)
    shown = Demonstration(store, shelf, casework, clock)
    app = create_app(casework, Settings(secret=b"a secret for tests that is long enough", secure=False), shown)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    sign_ins = {one.role: one.sign_in for one in reversed(staff["camden"])}
    yield Council(f"http://127.0.0.1:{server.server_port}", app, casework, sign_ins, tuple(staff))
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


def sign_in(page: Page, council: Council, who: str) -> None:
    """Sign in as a holder of a role, or under a sign-in; where several authorities are shown, in Camden."""
    page.goto(f"{council.address}/sign-in")
    if page.locator("select#authority").count():
        page.locator("#authority").select_option("camden")
    page.locator("#login").fill(council.sign_ins.get(who, who))
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def addresses(council: Council) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every page by the role or the person that opens it: a name for its picture, and its address."""
    ended = council.case_with_letter()
    under_way = council.case_at("draft_removal_letter")
    unborn, letter = council.unborn(), min(council.sent_letters(ended))
    return [
        (
            "social_worker",
            [
                ("my tasks", "/tasks"),
                ("team tasks", "/tasks/team"),
                ("cases", "/cases"),
                ("open a case", "/cases/new"),
                ("account", "/account"),
                ("password", "/account/password"),
                ("clock", "/clock"),
                ("accessibility statement", "/accessibility"),
                ("not found", "/cases/NO-SUCH-CASE"),
                ("not allowed", "/in-tray"),
            ],
        ),
        (
            council.holder_at("notify_looked_after"),
            [("task with conditional questions", council.task_at("notify_looked_after"))],
        ),
        (
            council.holder_at("draft_removal_letter"),
            [
                ("draft the letter", council.task_at("draft_removal_letter")),
                ("hand over", council.task_at("draft_removal_letter") + "/hand-over"),
            ],
        ),
        (council.holder_at("send_removal_letter"), [("send the letter", council.task_at("send_removal_letter"))]),
        (
            "iro_service_manager",
            [
                ("weigh the risk", council.task_at("weigh_risk")),
                ("step to correct", f"/cases/{under_way}/steps/{council.done_in(under_way)}/correct"),
                ("withdraw a pathway", f"/cases/{under_way}/pathways/1/withdraw"),
            ],
        ),
        (
            "head_of_quality_assurance",
            [
                ("in-tray", "/in-tray"),
                ("escalation", first_escalation(council)),
                ("figures", "/dashboard"),
                ("figures of overdue tasks", "/dashboard/cases?figure=overdue"),
                ("import", "/cases/import"),
                ("restriction", f"/cases/{under_way}/restriction"),
                ("who looked", f"/cases/{under_way}/looks"),
                ("who works on it", f"/cases/{under_way}/allocation"),
                ("policy", "/policy"),
            ],
        ),
        (
            "system_admin",
            [
                ("incidents", "/incidents"),
                ("incident", first_incident(council)),
                ("dead letters", "/dead-letters"),
                ("dead letter", first_dead_letter(council)),
                ("senders", "/systems/senders"),
                ("a sender", "/systems/senders/casework-record"),
                ("add a receiver", "/systems/receivers/new"),
                ("tokens", "/systems/tokens"),
                ("issue a token", "/systems/tokens/new"),
                ("messages out", "/messages-out"),
                ("people", "/people"),
                ("a person", f"/people/{council.sign_ins['iro']}"),
                ("add a person", "/people/new"),
                ("what was done", "/messages-out/done"),
            ],
        ),
        (
            "auditor",
            [
                ("steps as auditor", f"/cases/{ended}/steps"),
                ("film", f"/cases/{ended}/film"),
                ("film as a table", f"/cases/{ended}/film/table"),
                ("audit", "/audit"),
                ("certificate", f"/audit/verifications/{council.verification}"),
                ("pathways", "/pathways"),
                ("find in audit", "/audit/find"),
                ("who looked at what", "/audit/looks"),
                ("looks of one", f"/audit/looks/{council.worker_of(under_way)}"),
                ("register", "/audit/register"),
                ("timeliness", "/audit/timeliness"),
                ("steps and their times", "/audit/steps"),
                ("where time goes", "/audit/heat"),
                ("heat map", f"/audit/heat?release={council.release_of(under_way)}"),
            ],
        ),
        ("analyst", studio_pages(council)),
        (
            council.worker_of(under_way),
            [
                ("case under way", f"/cases/{under_way}"),
                ("steps", f"/cases/{under_way}/steps"),
                ("history", f"/cases/{under_way}/history"),
                ("start a pathway", f"/cases/{under_way}/start"),
                ("life event", f"/cases/{under_way}/life-event"),
                ("life event placement", f"/cases/{under_way}/life-event?event=PlacementChanged"),
                ("brothers and sisters", f"/cases/{under_way}/siblings"),
                ("marks", f"/cases/{under_way}/confidential"),
            ],
        ),
        (
            council.worker_of(ended),
            [
                ("letters", f"/cases/{ended}/letters"),
                ("letter", f"/cases/{ended}/letters/{letter}"),
                ("letter by mail", f"/cases/{ended}/letters/{letter}/mail"),
                ("case ended", f"/cases/{ended}"),
                ("ended in error", f"/cases/{ended}/reinstate"),
                ("task done meanwhile", f"/cases/{ended}/tasks/{council.done_in(ended)}"),
            ],
        ),
        (
            council.worker_of(unborn),
            [
                ("birth", f"/cases/{unborn}/birth"),
            ],
        ),
    ]


def studio_pages(council: Council) -> list[tuple[str, str]]:
    """The studio's pages about a draft, one of each."""
    home = f"camden/{DRAWN}"
    here, table = f"/studio/drafts/{council.draft}/{DRAWN}", f"{home}/decisions/camden_admin_eligibility.dmn"
    form, letter = f"{home}/forms/agree_s20_removal.form", f"{home}/letters/administrative_removal.md"
    analyst = council.person("analyst")
    studio = Trying(council.store, Shelf(council.store), DemonstrationClock(council.store))
    scenarios = studio.open(analyst, council.draft).workspace.scenarios[0]
    scenario = next(path for path, one in scenarios.items() if one.pathway == DRAWN)
    named = [
        *(
            (one, f"{here}/{one}")
            for one in ("checks", "compare", "diagram", "former", "forms", "letters", "outline", "scenarios")
        ),
        *((one, f"{here}/{one}") for one in ("name", "parameters", "submit", "tables", "trials", "new")),
        ("form", f"{here}/form?path={form}"),
        ("question", f"{here}/question?path={form}&new=yes"),
        ("letter text", f"{here}/letter?path={letter}"),
        ("table", f"{here}/table?path={table}&decision=camden_admin_eligibility"),
        ("row", f"{here}/row?path={table}&decision=camden_admin_eligibility&row=1"),
        ("step", f"{here}/step?step=agree_s20_removal"),
        ("scenario", f"{here}/scenario?path={scenario}"),
        ("trial", f"{here}/trials/{council.trial}"),
    ]
    draft = f"/studio/drafts/{council.draft}"
    named += [
        ("home", "/studio"),
        ("file", f"{draft}/file?path={form}"),
        *((one, f"{draft}/{one}") for one in ("diagram-in", "import", "new-pathway")),
        ("versions", f"/studio/pathways/{DRAWN}/versions"),
        ("values", "/studio/parameters"),
    ]
    return [(f"studio {name}", path) for name, path in named]


def first_incident(council: Council) -> str:
    """The address of the oldest incident."""
    line = council.casework.incidents(council.person("system_admin"))[0]
    return f"/incidents/{line.case_id}/{line.row.number}"


def first_dead_letter(council: Council) -> str:
    """The address of the dead letter that was prepared."""
    return f"/dead-letters/{council.casework.letterbox.waiting(council.person('system_admin'))[0].reference}"


def first_escalation(council: Council) -> str:
    """The address of the oldest line of the Head's in-tray."""
    line = council.store.lists.in_tray("camden", {"head_of_quality_assurance"})[0]
    return f"/in-tray/{line.case_id}/{line.row.number}"


def test_no_page_is_forgotten(council: Council) -> None:
    """Every address of the application that a browser opens is among those looked at here, or says why it is not."""
    opened = {council.endpoint(path) for _, pages in addresses(council) for name, path in pages if name not in REFUSED}
    opened |= {"door.sign_in", "partners.new_key"}
    pages = {
        rule.endpoint
        for rule in council.app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and Audience.PROGRAMS not in audiences_of(council.app, rule.endpoint)
    }
    explained = EXPLAINED.keys() & pages

    assert set() == pages - opened - explained, "pages that nothing here looks at"
    assert set() == opened & explained, "pages that are looked at need no reason"


@pytest.mark.parametrize("part", PARTS)
def test_every_page_is_accessible_and_fits(
    council: Council, new_context: NewContext, accessible: Accessible, screenshot: Screenshot, part: str
) -> None:
    """axe finds nothing against WCAG 2.2 AA, and nothing leaves the screen, at 1280 and at 320 pixels (1.4.10)."""
    refused: list[str] = []
    others = [entry for entry in addresses(council) if entry[0] != "analyst"]
    drawing = [entry for entry in addresses(council) if entry[0] == "analyst"]
    for role, pages in drawing if part == PARTS[0] else others[PARTS.index(part) - 1 :: 2]:
        page = new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.on("pageerror", lambda error: refused.append(str(error)))
        page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
        sign_in(page, council, role)
        for name, path in pages:
            page.set_viewport_size({"width": 1280, "height": 800})
            answer = page.goto(council.address + path, timeout=PATIENCE)
            assert answer is not None and (answer.ok or name in REFUSED), f"{name}: {answer and answer.status}"
            page.wait_for_selector("html[data-ready]")
            for place in page.locator("[data-diagram]").all():
                expect(place).to_have_attribute("data-drawn", "yes", timeout=PATIENCE)
            for width in (1280, 320):
                page.set_viewport_size({"width": width, "height": 800})
                if width == 1280 or not name.startswith("studio"):
                    accessible(page, *DRAWN_BY_OTHERS)
                wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wider <= 0, f"{name} is {wider} pixels wider than a screen of {width}"
                screenshot(page, f"{name} {width}")
    assert [] == refused


def test_words_of_any_length_stay_on_a_small_screen(
    council: Council, new_context: NewContext, screenshot: Screenshot
) -> None:
    """Names, references and agencies without a space break where they must: nothing leaves 320 pixels (1.4.10)."""
    case_id, word = "CAM-A-REFERENCE-OF-THE-COUNCIL-RECORD-1", "Wolfeschlegelsteinhausenbergerdorffwelchevoraltern" * 2
    names = [f"{word[:60]} Outreach", f"{word[:40]}-{word[:30]}"]
    facts = {"name": word[:80], "parents": names, "current_agencies": names, "icpc_invitees": names}
    head = council.person("head_of_quality_assurance")
    council.casework.open_case(case_id, {**facts, "dob": "2015-05-04"}, by=head, command_id="long-words-1")
    council.casework.start_pathway(case_id, "camden_route", by=head, command_id="long-words-2")
    kept_from = [Party("agency", name) for name in names]
    why = f"Not for {word}."
    council.casework.mark_confidential(case_id, "placement", kept_from, why, by=head, command_id="long-words-3")
    page = new_context(viewport={"width": 320, "height": 800}).new_page()
    sign_in(page, council, "head_of_quality_assurance")
    leaves = []
    for place in LONG_WORDS:
        page.goto(f"{council.address}/cases/{case_id}{place}", timeout=PATIENCE)
        page.wait_for_selector("html[data-ready]")
        screenshot(page, f"long words{place.replace('/', ' ')} 320")
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            leaves.append(place or "overview")
    assert [] == leaves


def test_a_key_that_was_just_made_is_accessible(
    council: Council, new_context: NewContext, accessible: Accessible, screenshot: Screenshot
) -> None:
    """The page that shows a key once, after it was made by hand."""
    page = new_context().new_page()
    sign_in(page, council, "system_admin")
    page.goto(f"{council.address}/systems/senders/new")
    page.get_by_label("Short name").fill("record-two")
    page.get_by_label("What is the system called?").fill("A second record")
    page.locator("main form button").click()
    page.wait_for_url("**/systems/new-key")

    accessible(page)
    screenshot(page, "a new key")


def test_what_a_table_of_plans_would_do_is_accessible(
    council: Council, new_context: NewContext, accessible: Accessible, screenshot: Screenshot
) -> None:
    """The dry run names each row that cannot go in with its reason, at both widths."""
    page = new_context().new_page()
    sign_in(page, council, "head_of_quality_assurance")
    page.goto(f"{council.address}/cases/import")
    rows = ("CAM-IMP-1,Maximilian Featherstonehaugh-Cholmondeley,2017-04-09", "CAM-IMP-2,Ada Late,2999-01-01", "x,y,z")
    page.locator("main textarea").fill("\n".join(("case_id,name,dob", *rows)))
    page.get_by_role("button", name="Check the table").click()

    expect(page.locator("main")).to_contain_text("CAM-IMP-2")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        accessible(page)
        assert width >= page.evaluate("document.documentElement.scrollWidth")
        screenshot(page, f"dry run {width}")


def test_the_sign_in_page_and_a_refused_form_are_accessible(
    council: Council, new_context: NewContext, accessible: Accessible, screenshot: Screenshot
) -> None:
    """A refused form puts the focus on its summary, and each line of it leads to its question (3.3.1)."""
    page = new_context().new_page()
    page.goto(f"{council.address}/sign-in")
    accessible(page)
    screenshot(page, "sign in")
    for authority in council.authorities:
        page.goto(f"{council.address}/sign-in?authority={authority}")
        accessible(page)
    sign_in(page, council, council.holder_at("draft_removal_letter"))
    page.goto(council.address + council.task_at("draft_removal_letter"))
    page.locator("#network_recipients").fill("")
    page.get_by_role("button", name="Continue").click()

    summary = page.get_by_role("alert")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    accessible(page)
    screenshot(page, "refused form")
    summary.get_by_role("link", name="Enter at least one line for ‘Professional network’.").click()
    expect(page.locator("#network_recipients")).to_be_focused()


def test_a_task_is_done_with_the_keyboard_alone(council: Council, new_context: NewContext) -> None:
    """From the skip link through every question in reading order to the button, by Tab and Space (2.1.1)."""
    page = new_context().new_page()
    sign_in(page, council, "iro_service_manager")
    page.goto(council.address + council.task_at("decide_admin_removal"))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "input[name=decision]")
    page.keyboard.press("Space")
    reach(page, "#reasons")
    page.keyboard.type("The conditions are met.")
    # The demonstration's own day: a decision is taken on a day that has come, while the plan runs.
    today = london_date(DemonstrationClock(council.store).now())
    for part, typed in (("day", str(today.day)), ("month", f"{today:%B}"), ("year", str(today.year))):
        reach(page, f"#decided_on-{part}")
        page.keyboard.type(typed)
    reach(page, "main form[data-asked] button:not([formaction])")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    reach(page, "main form button")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Done: Decide on the removal.")).to_be_visible()


def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, at most forty times."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


#: Numbers the element that has the focus, and says whether anything shows that it has it.
_STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  at.dataset.stop ||= String(document.querySelectorAll('[data-stop]').length + 1);
  const look = getComputedStyle(at);
  const beside = at.nextElementSibling ? getComputedStyle(at.nextElementSibling, '::before') : null;
  const marked = look.outlineStyle !== 'none' || look.boxShadow !== 'none' || (beside && beside.boxShadow !== 'none');
  return `${at.dataset.stop} ${at.tagName} ${marked ? 'seen' : 'unseen'}`;
}"""


def walk(page: Page) -> list[str]:
    """Every stop of the Tab key from the top of a page until the focus leaves it."""
    stops: list[str] = []
    while True:
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None or (stops and stop == stops[0]):
            return stops
        stops.append(stop)
        assert len(stops) < 600 and stop not in stops[:-1], f"the focus goes round at {stop}"


def test_conditional_questions_appear_as_they_apply(council: Council, new_context: NewContext) -> None:
    """With scripts, a question is shown when an answer calls for it; without, it is asked on the next page."""
    page = new_context().new_page()
    sign_in(page, council, council.holder_at("notify_looked_after"))
    page.goto(council.address + council.task_at("notify_looked_after"))
    stable = page.get_by_role("group", name="Is the section 20 arrangement stable?")
    page.locator("#legal_status").select_option("ico")
    expect(stable).to_be_hidden()
    page.locator("#legal_status").select_option("s20")
    expect(stable).to_be_visible()

    plain = new_context(java_script_enabled=False).new_page()
    sign_in(plain, council, council.holder_at("notify_looked_after"))
    plain.goto(council.address + council.task_at("notify_looked_after"))
    question = plain.get_by_role("group", name="Is the section 20 arrangement stable?")
    plain.locator("#legal_status").select_option("ico")
    plain.get_by_role("button", name="Continue").click()
    expect(question).to_be_hidden()
    plain.locator("#legal_status").select_option("s20")
    plain.get_by_role("button", name="Continue").click()
    expect(plain.get_by_text("from your answers.")).to_be_visible()
    expect(question).to_be_visible()


def test_without_scripts_no_empty_frame_stands_where_a_picture_would_be(
    council: Council, new_context: NewContext
) -> None:
    """Only a script draws a diagram; without one its frame and its legend are gone, and the table has every step."""
    case = council.case_at("draft_removal_letter")
    for scripts in (True, False):
        page = new_context(java_script_enabled=scripts).new_page()
        sign_in(page, council, "auditor")
        for path in (f"/cases/{case}/film?frame=3", f"/cases/{case}/steps"):
            page.goto(council.address + path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            for part in (".diagram", ".app-marks"):
                expect(page.locator(part).first, path).to_be_visible(visible=scripts)
        expect(page.get_by_role("table").first).to_be_visible()


def test_a_printed_case_leaves_out_what_is_only_for_the_screen(
    council: Council, new_context: NewContext, screenshot: Screenshot
) -> None:
    """On paper there are no buttons, no menus and no sign-out; the case's words stay."""
    page = new_context().new_page()
    sign_in(page, council, council.holder_at("draft_removal_letter"))
    page.goto(f"{council.address}/cases/{council.case_at('draft_removal_letter')}")
    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.get_by_role("navigation", name="This case")).to_be_hidden()
    expect(page.get_by_role("heading", name="What is to be done")).to_be_visible()
    screenshot(page, "printed case")


def test_a_printed_letter_is_the_councils_paper_and_not_the_services(
    council: Council, new_context: NewContext, screenshot: Screenshot
) -> None:
    """On a printed letter stand its head, reference and words, and nothing of the service or its demonstration."""
    page = new_context().new_page()
    sign_in(page, council, council.holder_at("send_removal_letter"))
    page.goto(f"{council.address}/cases/{council.case_at('send_removal_letter')}/letters")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("article", name="The letter")).to_be_visible()
    page.emulate_media(media="print")

    expect(page.get_by_role("article", name="The letter")).to_contain_text("Our reference: CAM-")
    expect(page.get_by_role("region", name="Demonstration")).to_be_hidden()
    expect(page.locator("header")).to_be_hidden()
    screenshot(page, "printed letter")


def test_every_stop_of_the_keyboard_is_seen_and_none_is_a_trap(council: Council, new_context: NewContext) -> None:
    """Tab goes through the whole page and out of it, each stop marked, at 200%: 640 pixels (2.1.2, 2.4.7, 1.4.4)."""
    width = 640
    page = new_context(viewport={"width": width, "height": 512}).new_page()
    sign_in(page, council, "head_of_quality_assurance")
    case = council.case_at("draft_removal_letter")
    task = council.task_at("weigh_risk")
    for path in (
        "/tasks/team",
        "/in-tray",
        "/dashboard",
        f"/cases/{case}",
        f"/cases/{case}/steps",
        task,
        "/cases/import",
    ):
        page.goto(council.address + path)
        page.wait_for_selector("html[data-ready]")
        stops = walk(page)
        assert len(stops) == len(set(stops)), f"{path}: a stop comes twice before the end"
        unseen = [stop for stop in stops if stop.endswith("unseen")]
        assert [] == unseen, path
        assert width >= page.evaluate("document.documentElement.scrollWidth"), path


def test_forced_colours_keep_every_edge(council: Council, new_context: NewContext, accessible: Accessible) -> None:
    """In a high-contrast mode of the system, nothing that matters is a background colour alone."""
    page = new_context(forced_colors="active").new_page()
    sign_in(page, council, council.holder_at("draft_removal_letter"))
    page.goto(f"{council.address}/cases/{council.case_at('draft_removal_letter')}")

    accessible(page)
    edge = page.locator(".app-identity").evaluate("element => getComputedStyle(element).borderTopStyle")
    assert "solid" == edge
