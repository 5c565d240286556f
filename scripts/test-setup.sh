#!/usr/bin/env bash
# Installs the Debian packages that some tests need: chromium, iptables, iproute2 (network namespaces), perl-base, faketime.
set -euo pipefail

packages=(chromium iptables iproute2 perl-base faketime)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "test:setup: ${packages[*]} are installed already."
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "test:setup: needs root to install ${missing[*]}. Run it as root: sudo npm run test:setup" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends "${missing[@]}"
