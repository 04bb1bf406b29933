#!/usr/bin/env bash
# Provides what the tests need from Debian, and what is named besides (`hugo` for the measurements);
# where it may not or cannot install, one line says what to install.
set -euo pipefail

wanted=(chromium postgresql poppler-utils fonts-noto-cjk fonts-hanazono systemd logrotate
  nginx-light libnginx-mod-http-brotli-static "$@")
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

give_up() {
  echo "测试还缺软件包，请先安装：sudo apt-get install ${missing[*]}" >&2
  exit 1
}

if [ "$(id -u)" -eq 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n env)
else
  give_up
fi

echo "正在安装测试用的软件包：${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1; }
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
  tail -n 3 "$log" >&2
  give_up
fi
