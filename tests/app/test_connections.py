"""The proof that nothing leaves: what is listened at and what is connected, told as it is."""

import socket

from app import connections as module
from app.connections import connections


def test_a_port_that_is_listened_at_is_named_and_a_local_connection_is_not_elsewhere():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            found = connections()
    assert f"127.0.0.1:{port}" in found.listening
    assert not any(str(port) in one for one in found.elsewhere)


def test_a_connection_to_another_machine_is_named(monkeypatch):
    rows = [("0100007F:1F90", "08080808:01BB", "01", "7"), ("0100007F:1F90", "08080808:01BB", "01", "8")]
    monkeypatch.setattr(module, "_sockets", lambda _pid: ["7"])
    monkeypatch.setattr(module, "_rows", lambda path: rows if path.name == "tcp" else [])
    assert connections().elsewhere == ("8.8.8.8:443",)


def test_a_system_that_does_not_tell_is_not_taken_for_one_without_connections(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "PROC", tmp_path / "none")
    assert connections() is None
