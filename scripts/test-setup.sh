#!/usr/bin/env bash
# Installs the Debian packages that some tests need: chromium, iptables, iproute2 (network namespaces), perl-base, faketime,
# redis-server. The tests start Redis themselves, so its service is neither started nor enabled. Of prometheus only
# promtool, and of Valkey only the server: these packages would start a service. Debian 12 has Valkey among its
# backports. Only nightly tests use it, so the setup goes on without it.
set -euo pipefail

packages=(chromium iptables iproute2 perl-base faketime redis-server)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
promtool=$(command -v promtool || true)
valkey=$(command -v valkey-server || true)

if [ ${#missing[@]} -eq 0 ] && [ -n "$promtool" ] && [ -n "$valkey" ]; then
  echo "test:setup: ${packages[*]}, promtool and valkey-server are installed already."
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  [ -n "$promtool" ] || missing+=(promtool)
  [ -n "$valkey" ] || missing+=(valkey-server)
  echo "test:setup: needs root to install ${missing[*]}. Run it as root: sudo npm run test:setup" >&2
  exit 1
fi

# A package starts its service unless this file forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
[ ${#missing[@]} -eq 0 ] && [ -n "$promtool" ] || apt-get update
[ ${#missing[@]} -eq 0 ] || apt-get install --yes --no-install-recommends "${missing[@]}"

if [ -z "$promtool" ]; then
  folder=$(mktemp -d)
  (cd "$folder" && apt-get -o APT::Sandbox::User=root download prometheus && dpkg-deb --extract prometheus_*.deb .)
  install "$folder/usr/bin/promtool" /usr/local/bin/promtool
  rm -r "$folder"
fi

if [ -z "$valkey" ]; then
  bash scripts/install-valkey.sh || echo "test:setup: valkey-server cannot be installed. Its tests are skipped." >&2
fi

if [[ " ${missing[*]} " == *" redis-server "* ]] && command -v systemctl >/dev/null; then
  systemctl disable redis-server.service >/dev/null 2>&1 || true
fi
