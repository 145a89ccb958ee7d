"""What one installation is told from outside: its secret, how long people stay in, where its styles are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Settings:
    """The web process's own settings; everything an authority decides lives in its authority.toml instead.

    secret   signs the session cookie and the form tokens; at least 32 bytes, from a file, never in the code
    secure   cookies only travel over HTTPS; off only for plain HTTP on this machine
    idle     signed out after this long without a page
    longest  signed out this long after signing in, whatever was done
    largest  bytes of the largest request that is read at all
    assets   the folder of built style sheets and scripts, with its manifest.json
    proxies  how many proxies of the installation's own stand before it and say where a request came from
    secrets  the folder with the client secrets of identity providers, None where there are none
    """

    secret: bytes
    secure: bool = True
    idle: timedelta = timedelta(minutes=60)
    longest: timedelta = timedelta(hours=10)
    largest: int = 2 * 1024 * 1024
    assets: Path = HERE / "static" / "build"
    proxies: int = 0
    secrets: Path | None = None

    def __post_init__(self) -> None:
        if len(self.secret) < 32:
            raise ValueError("The web secret is shorter than 32 bytes. Make one with: openssl rand -out FILE 32")
