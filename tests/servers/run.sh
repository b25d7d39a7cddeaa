#!/usr/bin/env bash
# Starts servers that verify signatures, runs the tests against them, and stops them: tests/servers/run.sh [cargo test arguments]
#
# SERVERS: which ones (default: ministack s3s-fs azurite). SERVERS_CACHE: where they are installed and keep their data.
# SIGNING_BIN: the command (default: built here).
# What cannot be installed is an error: a test that did not run is no pass.
set -euo pipefail
cd "$(dirname "$0")"
cache=${SERVERS_CACHE:-${TMPDIR:-/tmp}/signing-servers}
mkdir -p "$cache/run"

say() { echo "servers: $*" >&2; }

# once NAME VERSIONS COMMAND...: installs what is not there yet in these versions
once() {
  local mark=$cache/$1.installed versions=$2
  shift 2
  [ "$(cat "$mark" 2>/dev/null)" = "$versions" ] && return
  say "installing $versions"
  "$@" >&2
  echo "$versions" > "$mark"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# await NAME PORT PID: until something listens there
await() {
  for _ in $(seq 240); do
    (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && return
    kill -0 "$3" 2>/dev/null || break
    sleep 0.25
  done
  say "$1 does not listen; its log ends with:"
  tail -n 20 "$cache/run/$1.log" >&2
  return 1
}

fresh_folder() { rm -rf "$cache/run/$1"; mkdir -p "$cache/run/$1"; echo "$cache/run/$1"; }

# SigV4 for S3 and other services of AWS, in Python.
start_ministack() {
  local python=$cache/ministack/bin/python port data
  install() { python3 -m venv "$cache/ministack" && "$cache/ministack/bin/pip" install -q --disable-pip-version-check "$@"; }
  once ministack "ministack==1.5.33 cryptography==48.0.0" install ministack==1.5.33 cryptography==48.0.0
  port=$(free_port) data=$(fresh_folder ministack)
  (cd "$data" && exec env AUTH=true IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 GATEWAY_PORT="$port" EDGE_PORT="$port" BIND_HOST=127.0.0.1 \
    MINISTACK_HOST=127.0.0.1 HOME="$data" S3_DATA_DIR="$data/s3" "$python" -m ministack) > "$cache/run/ministack.log" 2>&1 &
  pids+=($!)
  await ministack "$port" $!
  # The root key is never checked; that of a user is.
  "$python" - "$port" > "$cache/run/ministack.env" <<'PYTHON'
import botocore.session, json, sys
endpoint = f"http://127.0.0.1:{sys.argv[1]}"
iam = botocore.session.Session().create_client("iam", endpoint_url=endpoint, region_name="us-east-1",
                                               aws_access_key_id="000000000000", aws_secret_access_key="test")
iam.create_user(UserName="signer")
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
iam.put_user_policy(UserName="signer", PolicyName="all", PolicyDocument=json.dumps(everything))
key = iam.create_access_key(UserName="signer")["AccessKey"]
print(f"ENDPOINT={endpoint}\nACCESS_KEY_ID={key['AccessKeyId']}\nSECRET_ACCESS_KEY={key['SecretAccessKey']}")
PYTHON
  export SIGNING_SERVER_MINISTACK=$cache/run/ministack.env
}

# S3, in Rust.
start_s3s-fs() {
  local port data key=AKIDEXAMPLES3SFS0000 secret=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
  install() { CARGO_TARGET_DIR=$cache/s3s-fs-build cargo install s3s-fs --version 0.14.1 --locked --features binary --root "$cache/s3s-fs" && rm -rf "$cache/s3s-fs-build"; }
  once s3s-fs "s3s-fs 0.14.1" install
  port=$(free_port) data=$(fresh_folder s3s-fs)
  RUST_LOG=warn "$cache/s3s-fs/bin/s3s-fs" --host 127.0.0.1 --port "$port" --access-key $key --secret-key $secret \
    --domain "localhost:$port" "$data" > "$cache/run/s3s-fs.log" 2>&1 &
  pids+=($!)
  await s3s-fs "$port" $!
  printf 'ENDPOINT=http://127.0.0.1:%s\nACCESS_KEY_ID=%s\nSECRET_ACCESS_KEY=%s\n' "$port" $key $secret > "$cache/run/s3s-fs.env"
  export SIGNING_SERVER_S3S_FS=$cache/run/s3s-fs.env
}

# Blobs of Azure Storage, in JavaScript.
start_azurite() {
  local folder=$cache/azurite port data account=signeraccount key
  install() { mkdir -p "$folder" && npm install --no-fund --no-audit --no-update-notifier --loglevel=error --prefix "$folder" "$@"; }
  once azurite azurite@3.37.0 install azurite@3.37.0
  port=$(free_port) data=$(fresh_folder azurite) key=$(head -c 64 /dev/urandom | base64 | tr -d '\n')
  AZURITE_ACCOUNTS="$account:$key" node "$folder/node_modules/azurite/dist/src/blob/main.js" --disableTelemetry --silent \
    --location "$data" --blobHost 127.0.0.1 --blobPort "$port" > "$cache/run/azurite.log" 2>&1 &
  pids+=($!)
  await azurite "$port" $!
  printf 'ENDPOINT=http://127.0.0.1:%s\nACCESS_KEY_ID=%s\nSECRET_ACCESS_KEY=%s\n' "$port" $account "$key" > "$cache/run/azurite.env"
  export SIGNING_SERVER_AZURITE=$cache/run/azurite.env
}

pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true' EXIT
for server in ${SERVERS:-ministack s3s-fs azurite}; do
  "start_$server"
  say "$server runs"
done
cd ../..
if [ -z "${SIGNING_BIN:-}" ]; then
  SIGNING_BIN=$(cargo build -q --locked -p signing-cli --message-format=json |
    python3 -c 'import json, sys; print([x["executable"] for x in map(json.loads, sys.stdin) if x.get("executable")][-1])')
fi
export SIGNING_BIN
cargo test --locked --test servers "$@"
cargo test --locked --test faults -- --nocapture
