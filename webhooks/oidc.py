"""Signing in with the council's own account: OpenID Connect, code flow with PKCE, one provider for each authority.

The provider says who somebody is; what they may do stays this service's. State, nonce and the code's verifier are
kept in the signed cookie of the browser that set out, so that an answer meant for another browser lets nobody in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from engine.authorities import Provider
from engine.casework.sign_in import NotKnownHere
from engine.errors import Forbidden, NotFound
from webhooks import sessions
from webhooks.access import Audience, allows, onward
from webhooks.desk import casework, settings

oidc = Blueprint("oidc", __name__, url_prefix="/sign-in/council")

log = structlog.get_logger(__name__)
#: Seconds that a provider may take to answer.
PATIENCE = 10
_GOING = "going"


class NotVouched(Forbidden):
    """The provider did not say who somebody is, or what it said cannot be trusted."""

    def __init__(self) -> None:
        super().__init__("Your council’s sign-in did not succeed. Start again; nothing was changed.")


class ProviderSilent(Forbidden):
    """The provider does not answer, or answers as another one than the settings name."""

    def __init__(self, authority: str) -> None:
        super().__init__(f"The council’s sign-in for {authority} does not answer. Tell your system administrator.")


@oidc.get("/<authority>")
@allows(Audience.ANYONE)
def set_out(authority: str) -> ResponseReturnValue:
    """Send a browser to the council's provider, with what proves on its return that it is the same one."""
    provider = _provider(authority)
    session[_GOING] = onward(request)
    arrival = url_for("oidc.arrive", authority=authority, _external=True)
    return _set_out(authority, provider, arrival)


@oidc.get("/<authority>/back")
@allows(Audience.ANYONE)
def arrive(authority: str) -> ResponseReturnValue:
    """Take what the provider says of somebody, check it, and begin their session."""
    going = session.get(_GOING)
    claims = _claims(authority, _provider(authority))
    person = casework().vouched(authority, claims, at=sessions.wall_clock())
    sessions.begin(person)
    return redirect(going or url_for("door.home"), 303)


def install(app: Flask) -> None:
    """Give the application its registry of providers."""
    app.extensions["oauth"] = OAuth(app)


def _provider(authority: str) -> Provider:
    if authority not in casework().store.library.authorities():
        raise NotFound(f"{authority[:60]} is no authority of this service.")
    provider = casework().authority(authority).sign_in.provider
    if provider is None:
        raise NotFound(f"{authority} has no identity provider. Sign in with your user name.")
    return provider


def _set_out(authority: str, provider: Provider, arrival: str) -> ResponseReturnValue:
    try:
        answer: ResponseReturnValue = _client(authority, provider).authorize_redirect(arrival)
    except (requests.RequestException, AuthlibBaseError, ValueError) as error:
        log.warning("provider_silent", authority=authority, kind=type(error).__name__)
        raise ProviderSilent(authority) from error
    return answer


def _claims(authority: str, provider: Provider) -> Mapping[str, Any]:
    """The claims of a checked ID token: signature, issuer, audience, time and nonce. Raises NotVouched."""
    try:
        token = _client(authority, provider).authorize_access_token()
    except requests.RequestException as error:
        log.warning("provider_silent", authority=authority, kind=type(error).__name__)
        raise ProviderSilent(authority) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        log.info("not_vouched", authority=authority, kind=type(error).__name__)
        raise NotVouched from error
    claims = token.get("userinfo")
    if "id_token" not in token or not isinstance(claims, Mapping):
        raise NotVouched
    if str(claims.get("iss", "")).rstrip("/") != provider.issuer:
        raise NotKnownHere(authority)
    return claims


def _client(authority: str, provider: Provider) -> Any:
    """Authlib's client for an authority's provider as its settings name it now."""
    name = f"{authority}-{hash(provider):x}"
    oauth = current_app.extensions["oauth"]
    client = oauth.create_client(name)
    if client is None:
        client = oauth.register(
            name=name,
            server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
            client_id=provider.client_id,
            client_secret=_secret(provider.secret_file),
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": PATIENCE},
        )
    issuer = str(client.load_server_metadata().get("issuer", "")).rstrip("/")
    if issuer != provider.issuer:
        raise ProviderSilent(authority)
    return client


def _secret(name: str) -> str:
    """The client secret, from the installation's own folder. Raises ProviderSilent's cause as ValueError."""
    folder = settings().secrets
    path = Path(name) if folder is None else folder / name
    if folder is None or path.parent != folder or not path.is_file():
        raise ValueError("The file with the provider's client secret is not there.")
    return path.read_text("utf-8").strip()
