#!/usr/bin/env bash
# Compares what `signing sign` answers with what official SDKs sign: tests/oracles/run.sh [--seed N] [--requests N]
#
# SIGNING_BIN: the command (default: built here). ORACLES_CACHE: where the SDKs are installed.
# What cannot be installed is an error: a comparison that did not run is no pass.
set -euo pipefail
cd "$(dirname "$0")"
cache=${ORACLES_CACHE:-${TMPDIR:-/tmp}/signing-oracles}
mkdir -p "$cache"

if [ -z "${SIGNING_BIN:-}" ]; then
  SIGNING_BIN=$(cargo build -q --locked -p signing-cli --message-format=json |
    python3 -c 'import json, sys; print([x["executable"] for x in map(json.loads, sys.stdin) if x.get("executable")][-1])')
fi

if ! cmp -s requirements.txt "$cache/installed.txt"; then
  echo "oracles: installing the SDKs" >&2
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install -q --disable-pip-version-check -r requirements.txt >&2
  cp requirements.txt "$cache/installed.txt"
fi
exec "$cache/venv/bin/python" -B -W ignore compare.py --bin "$SIGNING_BIN" "$@"
