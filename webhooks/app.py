"""The web application, put together: casework and settings go in, pages come out."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, ValidationError

from engine.casework import Casework
from webhooks import access, assets, errors, security, surroundings, watching
from webhooks.account import account
from webhooks.api import api
from webhooks.audit import audit
from webhooks.cases import cases
from webhooks.corrections import corrections
from webhooks.dashboard import dashboard
from webhooks.dead_letters import dead_letters
from webhooks.demonstration import Demonstration
from webhooks.discretion import discretion
from webhooks.discretion import install as install_discretion
from webhooks.door import door
from webhooks.escalations import escalations
from webhooks.finding import finds
from webhooks.inbound import inbound
from webhooks.incidents import incidents
from webhooks.notices_out import notices_out
from webhooks.oidc import install as install_oidc
from webhooks.oidc import oidc
from webhooks.opening import opening
from webhooks.operations import operations
from webhooks.partners import partners
from webhooks.pathways import pathways
from webhooks.people import people
from webhooks.policies import policies
from webhooks.settings import Settings
from webhooks.studio import studio
from webhooks.studio.editors import studio_editors
from webhooks.tasks import tasks
from webhooks.times import times


class Whole(IntegerConverter):
    """A whole number in an address that each column of each database can hold; what is larger names nothing."""

    def to_python(self, value: str) -> int:
        """The number. Raises ValidationError, and then the address is none."""
        if len(value) > 10 or int(value) >= 2**31:
            raise ValidationError
        return int(super().to_python(value))


def create_app(casework: Casework, settings: Settings, demonstration: Demonstration | None = None) -> Flask:
    """An application over one Casework; several may live in one process, as tests do."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="__Host-discharge" if settings.secure else "discharge",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=24),
        MAX_CONTENT_LENGTH=settings.largest,
        MAX_FORM_MEMORY_SIZE=settings.largest,
        MAX_FORM_PARTS=2_000,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a long form must not be lost to a token's own clock
        WTF_CSRF_SSL_STRICT=settings.secure,
    )
    if settings.proxies:
        # Addresses are counted at sign-in: only what the installation's own proxies say of them is believed.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Werkzeug's documentation installs it
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    app.extensions["casework"] = casework
    app.extensions["settings"] = settings
    app.extensions["demonstration"] = demonstration
    app.jinja_env.undefined = ChainableUndefined  # the Design System's macros read parameters that were not given
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader(
        [PackageLoader("webhooks"), PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    app.url_map.converters["int"] = Whole
    tokens = CSRFProtect(app)
    security.install(app)
    assets.install(app, settings.assets)
    surroundings.install(app)
    errors.install(app)
    for blueprint in (door, oidc, account, tasks, cases, discretion, escalations, operations, people):
        app.register_blueprint(blueprint)
    for blueprint in (pathways, policies, audit, finds, times):
        app.register_blueprint(blueprint)
    for blueprint in (dashboard, corrections, opening, studio, studio_editors):
        app.register_blueprint(blueprint)
    watching.install(app)
    for blueprint in (incidents, dead_letters, partners, notices_out, watching.watching):
        app.register_blueprint(blueprint)
    # No cookie opens these: a signature or a bearer token does, which no other site can make a browser send.
    for blueprint in (inbound, api):
        tokens.exempt(blueprint)
        app.register_blueprint(blueprint)
    access.install(app)
    install_discretion(app)
    install_oidc(app)
    return app
