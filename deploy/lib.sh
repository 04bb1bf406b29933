# 各脚本共用：位置、说明、数据库、各面的启停。
set -euo pipefail
OPT=/opt/honghei ETC=/etc/honghei DATA=/var/lib/honghei INBOX_DATA=/var/lib/honghei-inbox
BACKUPS=/var/backups/honghei
# Stands while a change is half made: its first line says what to run; of a restore, the second names what it put
# aside and the third the program of that data. Nothing of ours starts as long as it is there
# (ConditionPathExists), and `honghei` answers with its first line.
UNFINISHED=$OPT/unfinished
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

say() { echo "· $*"; }
fail() { echo "停下了：$*" >&2; exit 1; }
need_root() { [ "$(id -u)" -eq 0 ] || fail "请用 root 运行"; }

# One at a time; what an interrupted one left running holds the lock, too.
only_one() {
  mkdir -p "$OPT"
  exec 9>"$OPT/lock"
  flock -n 9 || fail "另一次安装、退回或恢复还在运行；请等它结束，再运行一次"
}

begin_change() {
  printf '%s\n' "$@" >"$UNFINISHED.new"
  mv "$UNFINISHED.new" "$UNFINISHED"
  sync "$UNFINISHED"
}
end_change() { rm -f "$UNFINISHED" "$UNFINISHED.before"; }
is_unfinished() { [ -f "$UNFINISHED" ]; }
what_to_run() { head -n 1 "$UNFINISHED"; }

# A restore may begin on what an update has left half made: undone, that is what stands again.
begin_restore() {
  if is_unfinished; then cp "$UNFINISHED" "$UNFINISHED.before"; else rm -f "$UNFINISHED.before"; fi
  begin_change "$@"
}
interrupted_restore() { sed -n 2p "$UNFINISHED" 2>/dev/null || true; }

choice() { sed -n "s/^$1=\([^ #]*\).*/\1/p" "$ETC/honghei.conf" | tail -n 1; }
role() { choice ROLE; }
holds_house() { [ "$(role)" != public ]; }
holds_inbox() { [ "$(role)" != inside ]; }
is_booted() { [ -d /run/systemd/system ]; }

units() {
  case $(role) in
    one) echo honghei-{public,inbox,staff}.socket honghei-{public,inbox,staff,schedule}.service \
      honghei-{backup,verify,health}.timer ;;
    inside) echo honghei-staff.socket honghei-staff.service honghei-schedule.service \
      honghei-{backup,verify,health}.timer
      if [ -n "$(choice PUSH_TO)" ]; then echo honghei-push.timer; fi ;;
    public) echo honghei-{public,inbox}.socket honghei-{public,inbox}.service ;;
  esac
}

stop_all() {
  is_booted || return 0
  # shellcheck disable=SC2046
  systemctl stop $(units)
}

start_all() {
  is_booted || { say "这台机器不是由 systemd 启动的：各面已设成开机启动，现在没有启动"; return 0; }
  systemctl daemon-reload
  # shellcheck disable=SC2046
  systemctl start $(units) honghei.target
  systemctl reload-or-restart nginx
}

as_postgres() { (cd / && setpriv --reuid=postgres --regid=postgres --init-groups psql -qAt -v ON_ERROR_STOP=1 "$@"); }

database_runs() {
  local second
  if is_booted; then systemctl start postgresql; else pg_ctlcluster --skip-systemctl-redirect 15 main start 9>&- 2>/dev/null || true; fi
  for second in $(seq 60); do
    as_postgres -d postgres -c 'SELECT 1' >/dev/null 2>&1 && return 0
    sleep 1
  done
  fail "PostgreSQL 没有启动（等了 $second 秒）；请看 /var/log/postgresql"
}

databases() {
  if holds_house; then echo honghei; fi
  echo honghei_inbox
}

make_role() {
  [ -n "$(as_postgres -d postgres -c "SELECT 1 FROM pg_roles WHERE rolname = '$1'")" ] ||
    as_postgres -d postgres -c "CREATE ROLE \"$1\" LOGIN"
}

make_database() {
  [ -n "$(as_postgres -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ] ||
    as_postgres -d postgres -c "CREATE DATABASE $1 OWNER honghei TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
}

is_database() { [ -n "$(as_postgres -d postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }

end_connections() {
  as_postgres -d postgres -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$1'" >/dev/null
}

# From, to; from, to: one after the other without a breath, for whoever asks for a page meanwhile.
rename_all() {
  perl -e 'while (@ARGV) { my ($from, $to) = splice @ARGV, 0, 2; rename $from, $to or die "$from: $!\n" }' "$@"
}

# What a restore put aside under the name $1 is what counts again; what it has half made is gone.
bring_back() {
  local name part moves=()
  for name in $(databases); do
    if is_database "${name}_$1"; then
      end_connections "$name"
      as_postgres -d postgres -c "DROP DATABASE IF EXISTS $name"
      as_postgres -d postgres -c "ALTER DATABASE ${name}_$1 RENAME TO $name"
    fi
  done
  if [ -d "$DATA-$1" ]; then
    rm -rf "$DATA.gone"
    for part in site search; do
      if [ ! -e "$DATA-$1/$part" ] && [ -e "$DATA/$part" ]; then moves+=("$DATA/$part" "$DATA-$1/$part"); fi
    done
    if [ -e "$DATA" ]; then moves+=("$DATA" "$DATA.gone"); fi
    rename_all "${moves[@]}" "$DATA-$1" "$DATA"
    rm -rf "$DATA.gone"
  fi
}

# Whatever happened since: the data put aside under the name $1 and its program $2 are there again, and run.
undo_restore() {
  local name
  bring_back "$1"
  release=$2
  ln -sfn "$release" "$OPT/current"
  # They end the script where they do not like what they find.
  (make_folders && write_units && write_nginx) || say "服务和 nginx 的配置没有写好，见上面"
  for name in $(databases); do
    if is_database "${name}_$1" || ! is_database "$name"; then
      fail "没有换回来：原来的数据库是 ${name}_$1。先看上面的话，改正后再运行一次"
    fi
  done
  [ ! -e "$DATA-$1" ] || fail "没有换回来：原来的文件在 $DATA-$1。先看上面的话，改正后再运行一次"
  if [ -f "$UNFINISHED.before" ]; then
    mv "$UNFINISHED.before" "$UNFINISHED"
  else
    end_change
    (start_all) || say "没有全部启动；请看 systemctl status 'honghei*'"
  fi
}

# The power failed in the middle of a restore: first of all what was there before.
undo_interrupted_restore() {
  local aside program
  aside=$(interrupted_restore) program=$(sed -n 3p "$UNFINISHED" 2>/dev/null || true)
  [ -n "$aside" ] || return 0
  say "上一次恢复断在中途：先换回那以前的数据"
  stop_all
  undo_restore "$aside" "$program"
}

# Least privilege: the owner makes tables, the surfaces fill them, and nobody changes what was audited.
grant() {
  local program=$1 name users=honghei-staff
  for name in $(databases); do
    [ "$name" = honghei_inbox ] && users='honghei-staff honghei-inbox'
    as_postgres -d "$name" -f "$program/deploy/sql/grants.sql" -v database="$name" >/dev/null
    local user
    for user in $users; do
      as_postgres -d "$name" -f "$program/deploy/sql/surface.sql" -v database="$name" -v surface="$user" >/dev/null
    done
  done
}

# The program's command line as the owner of the databases.
as_owner() {
  local program=$1 settings
  shift
  mapfile -t settings < <(grep -hE '^HHB_(DATA|DATABASE_URL|INBOX_URL|SURFACE|COMMAND)=' "$ETC/owner.env")
  (cd "$program" && setpriv --reuid=honghei --regid=honghei --clear-groups --no-new-privs \
    env -i PATH=/usr/bin:/bin LANG=C.UTF-8 TZ=Asia/Shanghai \
    "${settings[@]}" "$program/.venv/bin/flask" --app "$program/app.py" "$@")
}

make_folders() {
  install -d -o root -g root -m 0755 "$OPT" "$OPT/releases"
  install -d -o root -g root -m 0750 "$ETC" "$ETC/tls"
  install -d -o www-data -g adm -m 0750 /var/log/nginx/honghei
  if holds_house; then
    install -d -o honghei-staff -g honghei-staff -m 0711 "$DATA"
    install -d -o honghei-staff -g honghei-staff -m 0700 "$DATA"/{evidence,reports,uploads,certificates,files}
    install -d -o honghei-staff -g honghei-staff -m 0755 "$DATA"/{site,search}
    install -d -o honghei-staff -g honghei -m 0710 "$BACKUPS"
  else
    install -d -o honghei-push -g honghei-push -m 0711 "$DATA"
    install -d -o honghei-push -g honghei-push -m 0755 "$DATA"/{site,search}
  fi
  if holds_inbox; then install -d -o honghei-inbox -g honghei-inbox -m 0700 "$INBOX_DATA"; fi
}

schemas() { local name; for name in $(databases); do echo "$name $(schema_of "$name")"; done; }
schema_of() { as_postgres -d "$1" -c 'SELECT version_num FROM alembic_version' 2>/dev/null || true; }

# What of a release ($release) lies elsewhere: units, logs, commands, and the blocks with its headers.
write_units() {
  say "服务、定时、日志"
  local unit place
  # New ones first, then away with those of before: at no moment is there none.
  for unit in "$release"/deploy/systemd/honghei*; do
    place=/etc/systemd/system/${unit##*/}
    if [ -d "$place" ]; then rm -rf "$place"; fi
    cp -r "$unit" "$place"
  done
  for place in /etc/systemd/system/honghei*; do
    case $place in *.wants) continue ;; esac
    [ -e "$release/deploy/systemd/${place##*/}" ] || rm -rf "$place"
  done
  local networked=
  if [ "$(role)" = inside ] && [ -n "$(choice PUSH_TO)" ]; then networked='schedule backup'; fi
  if [ "$(choice SMS_GATEWAY)" = yes ]; then networked="$networked schedule"; fi
  for unit in $networked; do
    install -D -m 0644 "$release/deploy/systemd/networked/20-network.conf" \
      "/etc/systemd/system/honghei-$unit.service.d/20-network.conf"
  done
  install -m 0644 "$release/deploy/logrotate" /etc/logrotate.d/honghei
  install -D -m 0644 "$release/deploy/journald.conf" /etc/systemd/journald.conf.d/honghei.conf
  install -D -m 0755 "$release/deploy/bin/honghei" /usr/local/sbin/honghei
  ln -sfn "$OPT/current/deploy/back" /usr/local/sbin/honghei-back
  ln -sfn "$OPT/current/deploy/restore" /usr/local/sbin/honghei-restore
  ln -sfn "$OPT/current/deploy/carry" /usr/local/sbin/honghei-carry
  ln -sfn "$OPT/current/deploy/use-certificate" /usr/local/sbin/honghei-use-certificate
  # shellcheck disable=SC2046
  systemctl -q enable $(units) honghei.target postgresql nginx
}

write_nginx() {
  say "nginx"
  local kind
  # Until the real ones come (honghei-use-certificate): good for nothing but starting.
  for kind in public inside; do
    [ -f "$ETC/tls/$kind.key" ] && continue
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$kind.invalid" \
      -keyout "$ETC/tls/$kind.key" -out "$ETC/tls/$kind.crt" 2>/dev/null
    chmod 0600 "$ETC/tls/$kind.key"
  done
  (cd "$release" && .venv/bin/python -m deploy.nginx_blocks --choices "$ETC/honghei.conf" --out "$ETC/nginx.new") ||
    fail "请改正 $ETC/honghei.conf"
  rm -f /etc/nginx/sites-enabled/default
  install -m 0644 "$ETC/nginx.new" /etc/nginx/sites-enabled/honghei.conf
  rm -f "$ETC/nginx.new"
  nginx -q -t || fail "nginx 不接受写出的配置"
}
