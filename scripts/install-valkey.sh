#!/usr/bin/env bash
# Installs valkey-server alone, as root: its package would start a service. It comes from the distribution, or from the
# backports of the same mirror, which are not added to the system.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cd "$folder"
options=(-o APT::Sandbox::User=root)
if ! apt-cache show valkey-server >/dev/null 2>&1; then
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" "Codename: $codename" "Component: main" | sed -n 1p)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename-backports main" >backports.list
  mkdir -p lists/partial
  options+=(-o "Dir::Etc::sourcelist=$folder/backports.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$folder/lists")
  apt-get "${options[@]}" update
fi
# The program is in valkey-tools, and valkey-server has its name.
apt-get "${options[@]}" download valkey-server valkey-tools
for package in *.deb; do dpkg-deb --extract "$package" .; done
install usr/bin/valkey-server /usr/local/bin/valkey-server
