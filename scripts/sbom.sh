#!/usr/bin/env bash
# Writes the SBOM of what is shipped: sbom.sh cyclonedx|spdx > FILE
#
# `npm sbom --omit=dev` also leaves out what a development dependency happens to need too (9 of 66 packages, yaml
# among them), so npm is asked about a project that has no development dependencies, with the same lockfile.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$root/package-lock.json" .
node -e 'const { devDependencies: _, ...rest } = JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(JSON.stringify(rest))' \
  "$root/package.json" > package.json
npm install --package-lock-only --ignore-scripts --no-audit --no-fund > /dev/null 2>&1
npm sbom --package-lock-only --sbom-format="$1"
