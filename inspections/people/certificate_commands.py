"""The command that makes the bureau's own certificates, so that tablets on the office network have HTTPS."""

import click

from inspections.people.certificates import make_certificates
from inspections.record.clock import PEOPLE_ZONE, today, utc_now
from inspections.record.command_line import CLI
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.record.settings import settings_on


@click.group("certificate")
def certificate() -> None:
    """办公网络里的 HTTPS 证书：平板的相机、离线和加密都要用。"""


@certificate.command("make")
@click.option("--host", "hosts", multiple=True, required=True, help="平板要打开的域名或 IP，可以多次")
@click.pass_obj
def make(house: House, *, hosts: tuple[str, ...]) -> None:
    """生成（或续期）服务器证书；本局的证书机构只生成一次，平板只装一次。"""
    with read_only(house.engine) as session:
        organisation = settings_on(session, today()).optional_text("authority") or "餐饮安全公示"
    folder = house.configuration.data / "certificates"
    made = make_certificates(folder, hosts, organisation=organisation, now=utc_now())
    until = made.until.astimezone(PEOPLE_ZONE)
    click.echo(f"服务器证书：{made.certificate}（{'、'.join(made.hosts)}），有效期至 {until:%Y-%m-%d}。")
    if made.new_authority:
        click.echo(f"已生成本局的证书机构：请把 {made.authority} 装到每台平板上，步骤见 docs/tablets.md。")
    if not house.configuration.is_one_of_several:
        click.echo(f"启动：{CLI} serve --certificate {made.certificate} --key {made.key}")
