"""What a bureau decides for its server, one line each in /etc/honghei/honghei.conf: read and checked here."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path

from inspections.record.errors import HouseError

ROLES = ("one", "inside", "public")
_LINE = re.compile(r"([A-Z_]+)=(\S*)")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_KNOWN = frozenset(
    (
        *("ROLE", "PUBLIC_NAME", "PUBLIC_ADDRESS", "INSIDE_NAME", "INSIDE_ADDRESS", "INSIDE_NETWORKS"),
        *("PUSH_TO", "SMS_GATEWAY"),
    )
)


class ChoiceError(HouseError):
    """A line of the server's configuration that cannot be used."""


@dataclass(frozen=True)
class Choices:
    """One server: what it serves, under which names, and on which addresses it listens."""

    role: str
    public_name: str
    public_address: str
    inside_name: str
    inside_address: str
    inside_networks: tuple[str, ...]

    @property
    def serves_public(self) -> bool:
        """Whether site, search and Inbox are served here."""
        return self.role in {"one", "public"}

    @property
    def serves_inside(self) -> bool:
        """Whether desk and tablets are served here."""
        return self.role in {"one", "inside"}


def read_choices(path: Path) -> Choices:
    """The choices of a file; everything that is wrong with it in one sentence for each line."""
    found: dict[str, str] = {}
    faults = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        read = _LINE.fullmatch(text)
        if read is None:
            faults.append(f"第 {number} 行“{text}”：应写成 名称=值，值里没有空格")
        elif read.group(1) not in _KNOWN:
            names = "、".join(sorted(_KNOWN))
            faults.append(f"第 {number} 行“{read.group(1)}”：没有这个名称；可用的有 {names}")
        else:
            found[read.group(1)] = read.group(2)
    faults += _faults(found)
    if faults:
        raise ChoiceError(f"{path}：" + "；".join(faults) + "。")
    return Choices(
        role=found["ROLE"],
        public_name=found["PUBLIC_NAME"],
        public_address=found.get("PUBLIC_ADDRESS", ""),
        inside_name=found.get("INSIDE_NAME", ""),
        inside_address=found.get("INSIDE_ADDRESS", ""),
        inside_networks=_networks(found),
    )


def require_addresses(choices: Choices) -> None:
    """Refuse addresses that this machine does not have: nginx would not start."""
    wanted = {
        "PUBLIC_ADDRESS": choices.public_address if choices.serves_public else "",
        "INSIDE_ADDRESS": choices.inside_address if choices.serves_inside else "",
    }
    for key, address in wanted.items():
        if address and not _is_here(address):
            raise ChoiceError(
                f"{key}={address} 不是这台机器的地址；请用 ip address 核对，改正它，或先给网卡设上这个地址。"
            )


def _is_here(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _networks(found: Mapping[str, str]) -> tuple[str, ...]:
    """Each network as nginx writes it; what is none stays as it was written."""
    return tuple(_network(part) for part in found.get("INSIDE_NETWORKS", "").split(",") if part)


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        return text


def _faults(found: Mapping[str, str]) -> list[str]:
    role = found.get("ROLE", "")
    if role not in ROLES:
        return [f"ROLE 是“{role}”：应是 one（一台）、inside（两台中内网的）或 public（两台中对外的）"]
    faults = []
    if not _NAME.fullmatch(found.get("PUBLIC_NAME", "")):
        faults.append("PUBLIC_NAME 应是公示网站的域名，例如 canyin.example.cn")
    if role in {"one", "public"}:
        faults += _address_faults(found, "PUBLIC_ADDRESS")
    if role in {"one", "inside"}:
        if not _NAME.fullmatch(found.get("INSIDE_NAME", "")):
            faults.append("INSIDE_NAME 应是办公网络里打开工作台和平板用的域名或 IP，例如 192.168.10.5")
        faults += _address_faults(found, "INSIDE_ADDRESS")
        faults += _network_faults(found)
    if role == "one" and found.get("PUBLIC_ADDRESS") == found.get("INSIDE_ADDRESS"):
        faults.append(
            "PUBLIC_ADDRESS 和 INSIDE_ADDRESS 相同：工作台会对外打开；"
            "请给服务器两个地址，或用两台（ROLE=inside 和 public）"
        )
    return faults


def _address_faults(found: Mapping[str, str], key: str) -> list[str]:
    try:
        address = ip_address(found.get(key, ""))
    except ValueError:
        return [f"{key} 应是本机的一个 IP 地址，例如 192.168.10.5"]
    if address.is_unspecified:
        return [f"{key} 是“所有地址”：工作台会对外打开；请写一个具体的 IP 地址"]
    return []


def _network_faults(found: Mapping[str, str]) -> list[str]:
    networks = _networks(found)
    if not networks:
        return ["INSIDE_NETWORKS 应写出可以打开工作台的网段，用逗号隔开，例如 192.168.10.0/24"]
    faults = []
    for network in networks:
        try:
            ip_network(network)
        except ValueError:
            faults.append(f"INSIDE_NETWORKS 里的“{network}”不是网段；写成 192.168.10.0/24 的形式")
    return faults
