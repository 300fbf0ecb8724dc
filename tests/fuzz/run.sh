#!/usr/bin/env bash
# Fuzzes a running server from its own contract with schemathesis, as the administrator of a county, and compares
# what the city sees of all other counties before and after. See docs/FUZZING.md.
#
#   run.sh [SECONDS] [EXAMPLES]      with DATABASE_URL on PostgreSQL, else on SQLite
set -euo pipefail
seconds=${1:-300} examples=${2:-8} county=${LAOGAN_FUZZ_COUNTY:-371722}
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
server=${LAOGAN_SERVER:-$root/target/debug/laogan} port=${LAOGAN_FUZZ_PORT:-18722}
st=${SCHEMATHESIS:-$root/target/fuzz/venv/bin/schemathesis}
work=$root/target/fuzz/run base=http://127.0.0.1:$port
[ -x "$st" ] || { python3 -m venv "$root/target/fuzz/venv" && "$root/target/fuzz/venv/bin/pip" install -q schemathesis==4.32.5; }
rm -rf "$work" && mkdir -p "$work/data"
export LAOGAN_DATA_DIR=$work/data LAOGAN_FUZZ_COUNTY=$county SCHEMATHESIS_HOOKS=$here/hooks.py LAOGAN_LOG=info
for class in GENERAL SYNC BULK REVEAL SIGN_IN ANONYMOUS; do export "LAOGAN_LIMIT_$class=off"; done
"$server" serve --demo --listen "127.0.0.1:$port" >"$work/server.log" 2>&1 &
serving=$!
trap 'kill $serving' EXIT
until curl -sf "$base/health/ready" >/dev/null; do kill -0 $serving; sleep 1; done

token() { # name, role, division
    head -c 18 /dev/urandom | base64 | "$server" user create --username "fuzz-$1" --display-name 测试 --role "$2" --division "$3" --password-stdin >/dev/null
    "$server" token create --name "fuzz-$1" --user "fuzz-$1" --division "$3" --scopes '*:*' --expires-in 1d
}
county_token=$(token county county_admin "$county")
token city city_admin "${county:0:4}00" >"$work/city.token"
python3 "$here/fingerprint.py" "$base" "$work/city.token" "$county" >"$work/before.json"
found=0
# Its own token, session and user stay as they are, and a long poll would only wait.
"$st" run "$base/openapi.json" --url "$base" -H "Authorization: Bearer $county_token" \
    --phases examples,coverage,fuzzing -n "$examples" -w 2 --max-time "$seconds" --seed "${LAOGAN_FUZZ_SEED:-1}" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,nothing_of_other_counties \
    --exclude-path-regex '^/api/v1/(auth/|sessions|tokens|users|sync/events|sync/changes|sync/push/stream)' \
    --request-timeout 60 --continue-on-failure --warnings off --report ndjson --report-dir "$work/report" || found=$?
python3 "$here/fingerprint.py" "$base" "$work/city.token" "$county" >"$work/after.json"
diff "$work/before.json" "$work/after.json" && echo "Nothing outside $county has changed."
if sed 's/\x1b\[[0-9;]*m//g' "$work/server.log" | grep -E 'status=5[0-9][0-9]'; then exit 1; fi
exit $found
