#!/usr/bin/env bash
# Installs the Debian packages that some tests need: chromium, iptables, iproute2 (network namespaces), perl-base,
# faketime, and promtool out of prometheus.
set -euo pipefail

packages=(chromium iptables iproute2 perl-base faketime)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
command -v promtool >/dev/null || missing+=(promtool)

if [ ${#missing[@]} -eq 0 ]; then
  echo "test:setup: ${packages[*]} promtool are installed already."
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "test:setup: needs root to install ${missing[*]}. Run it as root: sudo npm run test:setup" >&2
  exit 1
fi

# Only this program: installing the package would start a server.
install_promtool() {
  local folder
  folder=$(mktemp -d)
  (cd "$folder" && apt-get download prometheus && dpkg-deb --extract prometheus_*.deb .)
  install "$folder/usr/bin/promtool" /usr/local/bin/promtool
  rm -r "$folder"
}

export DEBIAN_FRONTEND=noninteractive
apt-get update
for package in "${missing[@]}"; do
  if [ "$package" = promtool ]; then install_promtool; else apt-get install --yes --no-install-recommends "$package"; fi
done
