"""Telling a receiver something: one signed CloudEvent, over HTTPS, to the address that operators set and no other.

What a receiver answers never leads anywhere: no redirect is followed, no proxy of the environment is used, and the
machine connects to the very address it has looked at, so that a name cannot lead it to itself or to what only this
machine can reach.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook

from engine.casework.partnerships import NotAccepted
from engine.errors import FieldProblem
from engine.work import HandFailed

#: Seconds for each word of a receiver, and for all of them.
PATIENCE, WHOLE = 10, 30
_LONGEST = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_address(address: str, *, demonstration: bool) -> str:
    """The address of a receiver as it may be kept: HTTPS; in a demonstration also HTTP to this machine.

    Raises NotAccepted, naming the field 'address'.
    """
    try:
        parts = urlsplit(address.strip())
        _ = parts.port
    except ValueError:
        raise _not("Enter a web address, such as https://record.council.example/events.") from None
    clear = demonstration and parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if parts.scheme != "https" and not clear:
        raise _not("Enter an address that begins with https://.")
    if not parts.hostname or len(address) > _LONGEST or not address.isascii() or " " in address.strip():
        raise _not("Enter a whole web address, such as https://record.council.example/events.")
    if parts.username or parts.password or parts.fragment:
        raise _not("Enter an address without a name, password or #: the key shows who sends.")
    return address.strip()


def send(
    address: str,
    secrets: Sequence[str],
    key: str,
    body: str,
    at: datetime,
    *,
    demonstration: bool,
    trust: ssl.SSLContext | None = None,
) -> None:
    """Send an event once; whatever is not an answer of success raises HandFailed.

    key  the webhook-id: the same at every try, so that the receiver can tell a repetition
    """
    try:
        parts = urlsplit(checked_address(address, demonstration=demonstration))
    except NotAccepted as error:
        raise HandFailed("receiver_not_safe", "A receiver is not reached over HTTPS.", again=False) from error
    headers = {
        "Content-Type": "application/cloudevents+json",
        "User-Agent": "Discharge-Pathways",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(key, at, body) for secret in secrets),
    }
    connection = _connection(parts, demonstration, trust)
    watch = threading.Timer(WHOLE, _give_up, (connection,))
    watch.daemon = True
    watch.start()
    try:
        status = _ask(connection, parts, body, headers)
    finally:
        watch.cancel()
        connection.close()
    _judge(status)


def _ask(connection: http.client.HTTPConnection, parts: SplitResult, body: str, headers: Mapping[str, str]) -> int:
    try:
        target = parts.path or "/"
        connection.request("POST", f"{target}?{parts.query}" if parts.query else target, body.encode(), dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, AttributeError) as error:
        # An AttributeError is what a connection says that was given up while it was being read.
        raise HandFailed("receiver_down", f"A receiver did not answer ({type(error).__name__}).", down=True) from error


def _judge(status: int) -> None:
    if 200 <= status < 300:
        return
    if status == 410:
        raise HandFailed("receiver_gone", "A receiver answered that it is gone.", again=False)
    if 300 <= status < 400:
        raise HandFailed("receiver_moved", f"A receiver answered {status}; no redirect is followed.", again=False)
    raise HandFailed("receiver_refused", f"A receiver answered {status}.", down=status >= 500 or status == 429)


def _connection(parts: SplitResult, demonstration: bool, trust: ssl.SSLContext | None) -> http.client.HTTPConnection:
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _looked_up(host, port, demonstration)
    if not secure:
        return _Plain(host, port, address)
    return _Secure(host, port, address, trust or ssl.create_default_context())


def _looked_up(host: str, port: int, demonstration: bool) -> str:
    """An address of a host that may be reached. A council's own network may; this machine and the link may not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HandFailed("receiver_unknown", "A receiver's name was not found.", down=True) from error
    addresses = [str(one[4][0]) for one in found]
    if not all(_may_reach(address, demonstration) for address in addresses):
        raise HandFailed("receiver_not_safe", "A receiver's name leads to this machine or its link.", again=False)
    return addresses[0]


def _may_reach(address: str, demonstration: bool) -> bool:
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return demonstration
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)


def _is_loopback(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


class _Plain(http.client.HTTPConnection):
    """A connection to an address that was looked at before."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=PATIENCE)
        self._address = address

    def connect(self) -> None:
        """Connect to that address and to no other."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    """The same, encrypted, and the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str, trust: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=trust)
        self._address, self._trust = address, trust

    def connect(self) -> None:
        """Connect to that address and to no other."""
        raw = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._trust.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise


def _give_up(connection: http.client.HTTPConnection) -> None:
    """End a connection that dribbles: a worker's lease is longer than this."""
    held = connection.sock
    if held is not None:
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _not(message: str) -> NotAccepted:
    return NotAccepted(FieldProblem("address", message))
