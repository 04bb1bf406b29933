#!/usr/bin/env bash
# Provides what the tests need from Debian, and what is named besides (`hugo` for the measurements);
# where it may not install, one line says what to install.
set -euo pipefail

wanted=(chromium postgresql poppler-utils fonts-noto-cjk "$@")
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
  install=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  install=(sudo -n)
else
  echo "测试还缺软件包，请先安装：sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${install[@]}" apt-get update -qq
"${install[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
