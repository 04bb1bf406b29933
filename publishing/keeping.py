"""Commands that keep what the house holds: backup and restore."""

from functools import partial
from pathlib import Path

import click

from inspections.inbox.store import INBOX
from inspections.record.audit import declare_event, write_audit
from inspections.record.backup import (
    DatabasePart,
    KeptParts,
    MadeBackup,
    Manifest,
    make_backup,
    manifest_of,
    restore_backup,
    schema_of_kept,
)
from inspections.record.clock import utc_now
from inspections.record.command_line import CLI
from inspections.record.configuration import Configuration
from inspections.record.database import DatabaseError, transaction
from inspections.record.epochs import begin_epoch, finish_backup, start_backup
from inspections.record.house import House
from inspections.record.migrate import HOUSE, refuse_newer
from inspections.surface.terminal import say_summary
from publishing.site.queries import publish_everything_next

BACKUP_MADE = declare_event("backup_made", "place", "sha256", "documents")
BACKUP_RESTORED = declare_event("backup_restored", "place", "made_at")
ACTOR = "command line"
_SCHEMAS = {"honghei": HOUSE, "inbox": INBOX}
_OWN = "own-"
_FOLDER = click.Path(path_type=Path, file_okay=False)


def kept_parts(configuration: Configuration) -> KeptParts:
    """Everything of a house that cannot be made anew: the published site can, and is not kept."""
    house = DatabasePart("honghei", configuration.effective_database_url)
    inbox = DatabasePart("inbox", configuration.effective_inbox_url)
    # The Inbox first: what is handed over between the two copies is handed over again, and taken once.
    databases = [inbox, house] if not inbox.is_embedded or inbox.file.exists() else [house]
    data = configuration.data
    files = {
        "secret.key": configuration.secret_key_file or data / "secret.key",
        **{
            f"certificate-{name}": data / "certificates" / name
            for name in ("authority.crt", "authority.key", "server.crt", "server.key")
        },
    }
    own = configuration.own_directory
    files |= {_OWN + path.relative_to(own).as_posix().replace("/", "+"): path for path in own.rglob("*.toml")}
    return KeptParts(tuple(databases), configuration.evidence_directory, files)


def back_up(house: House, target: Path) -> MadeBackup:
    """Make a backup and record it: what it covers, tablets may forget."""
    run_id = start_backup(house.engine, place=str(target), now=utc_now())
    made = make_backup(kept_parts(house.configuration), target, utc_now())
    with transaction(house.engine) as session:
        finish_backup(session, run_id, sha256=made.manifest_sha256, now=utc_now())
        fields = {"place": str(made.folder), "sha256": made.manifest_sha256, "documents": made.documents}
        write_audit(session, BACKUP_MADE, actor=ACTOR, now=utc_now(), fields=fields)
    return made


@click.command("backup")
@click.argument("target", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def backup(house: House, *, target: Path, as_json: bool) -> None:
    """备份数据库、收件箱和证据文件；系统照常运行。TARGET 是存放备份的目录。"""
    made = back_up(house, target)
    say_summary(
        f"已备份到 {made.folder}：证据文件 {made.documents} 份，其中新增 {made.new_documents} 份。"
        "里面有密钥，请妥善保管。",
        {"folder": str(made.folder), "documents": made.documents, "new": made.new_documents},
        as_json=as_json,
    )


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--without-inbox", is_flag=True, help="不恢复收件箱：它在另一台服务器上")
@click.pass_obj
def restore(house: House, *, folder: Path, without_inbox: bool) -> None:
    """把一份备份恢复到空的数据目录（HHB_DATA）；FOLDER 是 backup-… 那个目录。"""
    parts = kept_parts_for_restore(house.configuration, folder, without_inbox=without_inbox)
    unfit = partial(newer_schemas, without_inbox=without_inbox)
    manifest = restore_backup(folder, parts, unfit=unfit)
    with transaction(house.engine) as session:
        now = utc_now()
        begin_epoch(session, restored_from=f"{folder.name} {manifest.made_at}", now=now)
        fields = {"place": folder.name, "made_at": manifest.made_at}
        write_audit(session, BACKUP_RESTORED, actor=ACTOR, now=now, fields=fields)
        publish_everything_next(session)
    click.echo(
        f"已从 {folder.name}（{manifest.made_at}）恢复；平板下次同步时会补上之后的记录。"
        f"接着是 {CLI} migrate、verify 和 publish --full（honghei-restore 自己会做）。"
    )


def kept_parts_for_restore(
    configuration: Configuration, folder: Path, *, without_inbox: bool = False
) -> KeptParts:
    """The places a backup goes back to; the Inbox only where the backup holds one."""
    manifest = manifest_of(folder)
    parts = kept_parts(configuration)
    inbox = DatabasePart("inbox", configuration.effective_inbox_url)
    house = parts.databases[-1]
    has_inbox = inbox.kept_as in manifest.files and not without_inbox
    own = {name: _own_place(configuration, name) for name in manifest.files if name.startswith(_OWN)}
    files = {**parts.files, **own}
    return KeptParts((house, inbox) if has_inbox else (house,), parts.evidence, files)


def newer_schemas(folder: Path, manifest: Manifest, *, without_inbox: bool = False) -> list[str]:
    """What in a whole backup a newer program wrote, which this one would misread."""
    faults, asked = [], {"honghei"} if without_inbox else set(_SCHEMAS)
    for kept in (folder / name for name in manifest.files):
        if kept.stem in asked:
            try:
                refuse_newer(schema_of_kept(kept), _SCHEMAS[kept.stem])
            except DatabaseError as error:
                faults.append(f"{kept}：{error}")
    return faults


def _own_place(configuration: Configuration, kept_as: str) -> Path:
    return configuration.own_directory.joinpath(*kept_as.removeprefix(_OWN).split("+"))
