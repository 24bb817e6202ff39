import re
import socket
from pathlib import Path

from services.ops.local import broker, ports
from services.ops.local.broker import Ports


def settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_node_listens_on_loopback_only() -> None:
    found = settings(broker.properties(Path("/data"), Ports(20001, 20002)))
    addresses = {name: value for name, value in found.items() if re.search(r"listeners|voters", name)}
    assert addresses == {
        "controller.quorum.voters": "1@127.0.0.1:20002",
        "listeners": "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002",
        "advertised.listeners": "PLAINTEXT://127.0.0.1:20001",
    }


def test_node_makes_no_topic_by_itself() -> None:
    assert settings(broker.properties(Path("/data"), Ports(1, 2)))["auto.create.topics.enable"] == "false"


def test_cluster_ids_are_sixteen_bytes_and_no_options() -> None:
    names = {broker.new_cluster_id() for _ in range(500)}
    assert len(names) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", name) for name in names)


def test_chosen_ports_are_free_distinct_and_not_taken_by_outgoing_connections() -> None:
    chosen = ports.choose(5)
    assert len(set(chosen)) == 5
    assert all(ports.is_free(port) for port in chosen)
    low, high = (int(number) for number in Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert not [port for port in chosen if low <= port <= high]


def test_port_in_use_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not ports.is_free(taken.getsockname()[1])
