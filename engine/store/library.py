"""What cases run on, kept for ever: file contents by hash, releases, deployments and the authority's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from hmac import compare_digest
from time import monotonic
from typing import Any, Final

import sqlalchemy as sa

from engine.errors import EngineError, NotFound
from engine.history import instant
from engine.store.database import Database, RowTaken, Session
from engine.store.keys import AuthorityKeys
from engine.store.sealing import framed
from engine.store.statements import of, this_row
from engine.store.tables import CONTENT, DEPLOYMENT, IN_FORCE, META, RELEASE, RELEASE_FILE, SETTINGS

#: Seconds for which a process goes by the settings and deployments it saw last.
FRESH: Final = 1.0


class ReleaseUnknown(NotFound):
    """There is no such release in the store."""

    def __init__(self, authority: str, release: str) -> None:
        super().__init__(f"Release {release} of {authority} is not in the store. Deploy its folder first.")
        self.authority, self.release = authority, release


class ReleaseChanged(EngineError):
    """A file of a release, or all of it, is not what its hash says: the store was changed behind the engine's back.

    path  the file, None where each file is what its own hash says and together they are another release
    """

    def __init__(self, authority: str, release: str, path: str | None) -> None:
        what = (
            f"What stands as release {release} of {authority} is another release."
            if path is None
            else f"File {path} of release {release} of {authority} is not the file that was released."
        )
        super().__init__(f"{what} Verify the database and bring it back from a backup; no case may run on it.")
        self.authority, self.release, self.path = authority, release, path


class SettingsChanged(EngineError):
    """An authority's settings are not what their hash says: the store was changed behind the engine's back."""

    def __init__(self, authority: str, version: str) -> None:
        super().__init__(
            f"What stands as settings {version} of {authority} are other settings. "
            "Verify the database and bring it back from a backup; no case may run under them."
        )
        self.authority, self.version = authority, version


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release in a list."""

    release: str
    pathway: str
    title: str
    version: str
    recorded_at: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """From `at` on, new cases of the pathway take this release; who said so, and why."""

    pathway: str
    number: int
    release: str
    at: str
    by: str
    why: str


_HAS_CONTENT: Final = sa.select(CONTENT.c.hash).where(of(CONTENT.c.authority), of(CONTENT.c.hash))
_ADD_CONTENT: Final = sa.insert(CONTENT)
_RELEASE: Final = sa.select(*list(RELEASE.c)[1:2], RELEASE.c.pathway, RELEASE.c.title, RELEASE.c.version,
                            RELEASE.c.recorded_at, RELEASE.c.recorded_by)  # fmt: skip
_ONE_RELEASE: Final = _RELEASE.where(of(RELEASE.c.authority), of(RELEASE.c.release))
_ADD_RELEASE: Final = sa.insert(RELEASE)
_ADD_FILE: Final = sa.insert(RELEASE_FILE)
_SOUND: Final = sa.select(META.c.value).where(this_row(META))
_CALL_SOUND: Final = sa.insert(META)
_CALL_SOUND_ANEW: Final = sa.update(META).where(this_row(META)).values(value=sa.bindparam("value", type_=sa.Text()))
_FILES: Final = (
    sa.select(RELEASE_FILE.c.path, RELEASE_FILE.c.hash, CONTENT.c.body)
    .select_from(
        RELEASE_FILE.outerjoin(
            CONTENT, sa.and_(CONTENT.c.authority == RELEASE_FILE.c.authority, CONTENT.c.hash == RELEASE_FILE.c.hash)
        )
    )
    .where(of(RELEASE_FILE.c.authority), of(RELEASE_FILE.c.release))
    .order_by(RELEASE_FILE.c.path)
)
_DEPLOYMENTS: Final = sa.select(
    DEPLOYMENT.c.pathway, DEPLOYMENT.c.number, DEPLOYMENT.c.release, DEPLOYMENT.c.at, DEPLOYMENT.c.by_whom,
    DEPLOYMENT.c.why,
)  # fmt: skip
_OF_PATHWAY: Final = _DEPLOYMENTS.where(of(DEPLOYMENT.c.authority), of(DEPLOYMENT.c.pathway)).order_by(
    DEPLOYMENT.c.number.desc()
)
_ADD_DEPLOYMENT: Final = sa.insert(DEPLOYMENT)
_ADD_SETTINGS: Final = sa.insert(SETTINGS)
_SETTINGS: Final = sa.select(SETTINGS.c.body).where(of(SETTINGS.c.authority), of(SETTINGS.c.hash))
_LAST_IN_FORCE: Final = (
    sa.select(IN_FORCE.c.number, IN_FORCE.c.settings)
    .where(of(IN_FORCE.c.authority))
    .order_by(IN_FORCE.c.number.desc())
    .limit(1)
)
_ADD_IN_FORCE: Final = sa.insert(IN_FORCE)


class Library:
    """Releases and settings: added, never changed. `seconds` go by as on a clock that nobody sets."""

    def __init__(self, database: Database, keys: AuthorityKeys, seconds: Callable[[], float] = monotonic) -> None:
        self._database, self._keys, self._seconds = database, keys, seconds
        #: Which release new cases of a pathway take, and when the database said so.
        self._lately: dict[tuple[str, str], tuple[float, str]] = {}
        database.when_taken_back.append(self._lately.clear)

    def keep_release(
        self,
        authority: str,
        release: str,
        files: Mapping[str, bytes],
        *,
        pathway: str,
        title: str,
        version: str,
        at: datetime,
        by: str,
    ) -> bool:
        """Keep a release under its hash; False where it was there already."""
        place = {"authority": authority, "release": release}
        with self._database.reading() as session:
            if session.one(_ONE_RELEASE, place) is not None:
                return False
        try:
            with self._database.writing() as session:
                session.run(
                    _ADD_RELEASE,
                    place
                    | {
                        "pathway": pathway,
                        "title": title,
                        "version": version,
                        "recorded_at": instant(at),
                        "recorded_by": by,
                    },
                )
                for path, body in sorted(files.items()):
                    session.run(_ADD_FILE, place | {"path": path, "hash": _keep(session, authority, body)})
        except RowTaken:
            # Another process kept the same release at the same moment.
            return False
        return True

    def release_files(self, authority: str, release: str, *, check: bool = True) -> dict[str, bytes]:
        """The files of a release by path. Raises ReleaseUnknown, and ReleaseChanged where a file is not as released.

        `check` False gives the files as they are now: for replay, which must show what a change would have done.
        """
        with self._database.reading() as session:
            rows = session.all(_FILES, {"authority": authority, "release": release})
        if not rows:
            raise ReleaseUnknown(authority, release)
        files: dict[str, bytes] = {}
        for path, hashed, body in rows:
            if body is None or (check and _hash(body) != hashed):
                raise ReleaseChanged(authority, release, path)
            files[path] = body
        return files

    def is_sound(self, authority: str, release: str, edition: str) -> bool:
        """Whether an engine of that edition found nothing wrong with a release; only who has the keys could say so."""
        with self._database.reading() as session:
            row = session.one(_SOUND, _mark(authority, release))
        return row is not None and compare_digest(row[0], self._sign(authority, release, edition))

    def call_sound(self, authority: str, release: str, edition: str) -> None:
        """Keep that an engine of this edition found nothing wrong with a release, so that it is not checked again."""
        mark = _mark(authority, release) | {"value": self._sign(authority, release, edition)}
        try:
            with self._database.writing() as session:
                if not session.run(_CALL_SOUND_ANEW, mark):
                    session.run(_CALL_SOUND, mark)
        except RowTaken:
            # Another process found the same at the same moment.
            return

    def _sign(self, authority: str, release: str, edition: str) -> str:
        key = self._keys.key(authority, "sound releases")
        return blake2b(framed(release, edition), key=key, digest_size=32).hexdigest()

    def summary(self, authority: str, release: str, edition: str) -> str | None:
        """What an engine of that edition kept of a release for lists, None where none did or it was changed since."""
        mark = {"authority": authority, "name": f"summary {release}"}
        with self._database.reading() as session:
            row = session.one(_SOUND, mark)
        signature, _, said = ("", "", "") if row is None else row[0].partition(" ")
        return said if said and compare_digest(signature, self._sign(authority, release, edition + said)) else None

    def sum_up(self, authority: str, release: str, edition: str, said: str) -> None:
        """Keep what lists say of a release, so that nobody who opens one waits for its checks."""
        signed = f"{self._sign(authority, release, edition + said)} {said}"
        mark = {"authority": authority, "name": f"summary {release}", "value": signed}
        try:
            with self._database.writing() as session:
                if not session.run(_CALL_SOUND_ANEW, mark):
                    session.run(_CALL_SOUND, mark)
        except RowTaken:
            # Another process found the same at the same moment.
            return

    def release(self, authority: str, release: str) -> ReleaseLine:
        """What a release is called. Raises ReleaseUnknown."""
        with self._database.reading() as session:
            row = session.one(_ONE_RELEASE, {"authority": authority, "release": release})
        if row is None:
            raise ReleaseUnknown(authority, release)
        return ReleaseLine(*row)

    def releases(self, authority: str, pathway: str | None = None) -> list[ReleaseLine]:
        """Every release of an authority, or of one pathway, the oldest first."""
        query = _RELEASE.where(RELEASE.c.authority == authority)
        if pathway is not None:
            query = query.where(RELEASE.c.pathway == pathway)
        with self._database.reading() as session:
            rows = session.search(query.order_by(RELEASE.c.recorded_at, RELEASE.c.release))
        return [ReleaseLine(*row) for row in rows]

    def deploy(self, authority: str, pathway: str, release: str, *, at: datetime, by: str, why: str) -> int:
        """Say which release new cases of a pathway take; gives the deployment's number. Raises ReleaseUnknown."""
        self.release(authority, release)
        place = {"authority": authority, "pathway": pathway}
        with self._database.writing() as session:
            last = session.one(_OF_PATHWAY, place)
            number = 1 if last is None else int(last[1]) + 1
            row = {"number": number, "release": release, "at": instant(at), "by_whom": by, "why": why}
            session.run(_ADD_DEPLOYMENT, place | row)
        self._lately.pop((authority, pathway), None)
        return number

    def deployed(self, authority: str, pathway: str) -> str | None:
        """The release that new cases of a pathway take, or None."""
        with self._database.reading() as session:
            row = session.one(_OF_PATHWAY, {"authority": authority, "pathway": pathway})
        return None if row is None else str(row[2])

    def deployed_lately(self, authority: str, pathway: str) -> str | None:
        """As `deployed`, asked for at most once a second: what another process deployed is seen by then."""
        known, now = self._lately.get((authority, pathway)), self._seconds()
        if known is not None and now - known[0] <= FRESH:
            return known[1]
        release = self.deployed(authority, pathway)
        if release is not None:
            self._lately[authority, pathway] = (now, release)
        return release

    def deployments(self, authority: str, pathway: str | None = None) -> list[Deployment]:
        """Who deployed what, when and why; the oldest first."""
        query = _DEPLOYMENTS.where(DEPLOYMENT.c.authority == authority)
        if pathway is not None:
            query = query.where(DEPLOYMENT.c.pathway == pathway)
        with self._database.reading() as session:
            rows = session.search(query.order_by(DEPLOYMENT.c.at, DEPLOYMENT.c.pathway, DEPLOYMENT.c.number))
        return [Deployment(*row) for row in rows]

    def authorities(self) -> list[str]:
        """The authorities that have settings in force."""
        with self._database.reading() as session:
            rows = session.search(sa.select(IN_FORCE.c.authority).distinct().order_by(IN_FORCE.c.authority))
        return [str(row[0]) for row in rows]

    def put_in_force(self, authority: str, version: str, document: bytes, *, at: datetime, by: str, why: str) -> bool:
        """Keep an authority's settings under their version and let them count from now on; False where they do."""
        place: dict[str, Any] = {"authority": authority}
        with self._database.writing() as session:
            last = session.one(_LAST_IN_FORCE, place)
            if last is not None and last[1] == version:
                return False
            if session.one(_SETTINGS, place | {"hash": version}) is None:
                session.run(_ADD_SETTINGS, place | {"hash": version, "body": document, "recorded_at": instant(at)})
            number = 1 if last is None else int(last[0]) + 1
            row = {"number": number, "settings": version, "at": instant(at), "by_whom": by, "why": why}
            session.run(_ADD_IN_FORCE, place | row)
        return True

    def in_force(self, authority: str) -> str | None:
        """The version of an authority's settings that counts now, or None."""
        with self._database.reading() as session:
            row = session.one(_LAST_IN_FORCE, {"authority": authority})
        return None if row is None else str(row[1])

    def settings(self, authority: str, version: str, *, check: bool = True) -> bytes | None:
        """An authority's settings of a version, or None. Raises SettingsChanged where they are not as they were kept.

        `check` False gives them as they are now: for replay, which must show what a change would have done.
        """
        with self._database.reading() as session:
            row = session.one(_SETTINGS, {"authority": authority, "hash": version})
        if row is None:
            return None
        if check and _hash(row[0]) != version:
            raise SettingsChanged(authority, version)
        return bytes(row[0])

    def keep(self, authority: str, body: bytes) -> str:
        """Keep any content under its hash ('sha256:...'), once."""
        with self._database.writing() as session:
            return _keep(session, authority, body)

    def content(self, authority: str, hashed: str) -> bytes | None:
        """Content by its hash, or None."""
        query = sa.select(CONTENT.c.body).where(CONTENT.c.authority == authority, CONTENT.c.hash == hashed)
        with self._database.reading() as session:
            rows = session.search(query)
        return bytes(rows[0][0]) if rows else None


def _mark(authority: str, release: str) -> dict[str, Any]:
    return {"authority": authority, "name": f"sound release {release}"}


def _hash(body: bytes) -> str:
    return "sha256:" + sha256(body).hexdigest()


def _keep(session: Session, authority: str, body: bytes) -> str:
    row = {"authority": authority, "hash": _hash(body)}
    if session.one(_HAS_CONTENT, row) is None:
        session.run(_ADD_CONTENT, row | {"body": body})
    return row["hash"]
