"""Why an instruction does not fit a running pathway; nothing was changed."""

from __future__ import annotations

from engine.errors import Refused


class NotOpen(Refused):
    """The task or job was finished or withdrawn before this instruction arrived."""

    def __init__(self, task: int) -> None:
        super().__init__(f"Task {task} is not open. Reload the case to see what is open.")
        self.task = task


class NotAwaited(Refused):
    """Nothing waits for this timer or message any more, or under another name."""

    def __init__(self, task: int, what: str) -> None:
        super().__init__(f"Task {task} does not wait for {what}. Reload the case to see what it waits for.")
        self.task, self.what = task, what


class NotDue(Refused):
    """A timer was fired before its time."""

    def __init__(self, task: int, at: str) -> None:
        super().__init__(f"Timer {task} is due at {at}, not yet. Fire it then.")
        self.task, self.at = task, at


class NotRunning(Refused):
    """The pathway has ended, or was never started."""

    def __init__(self, pathway: str, why: str) -> None:
        super().__init__(f"Pathway {pathway} {why}. Start it again where that is wanted.")
        self.pathway = pathway


class StartUnknown(Refused):
    """The start that was asked for is not drawn, or several are and none was named."""

    def __init__(self, pathway: str, start: str | None, known: tuple[str, ...]) -> None:
        what = f"has no start {start}" if start else "has no single plain start"
        super().__init__(f"Pathway {pathway} {what}. Name one of: {', '.join(known) or 'none'}.")
        self.pathway, self.start = pathway, start
