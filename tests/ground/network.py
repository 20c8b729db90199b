"""No test reaches beyond this machine: a connection to anywhere else fails by name."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


class OutsideNetwork(RuntimeError):
    """A test tried to reach a host that is not this machine."""


def close() -> None:
    """Refuses every internet connection but loopback in this process."""

    def connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self, address)
        return _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self, address)
        return _connect_ex(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]


def _refuse_outside(wire: socket.socket, address: Any) -> None:
    if wire.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = address[0]
    if host == "localhost":
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise OutsideNetwork(f"Tests may not reach {host}.")
