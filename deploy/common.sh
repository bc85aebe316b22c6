# Shared by deploy/quickstart and deploy/test: installs what is missing, builds, says what it does.
# Sourced; expects `set -euo pipefail` and ROOT to be set.

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Runs a command as root: directly, or by sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "\"$1\" needs root, and sudo is not installed; run this as root"
  fi
}

# missing_packages LIST...: the packages of the lists (build, lab, ...) that are not installed.
missing_packages() {
  local package
  "$ROOT/deploy/packages/list" "$@" | while read -r package; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      printf '%s\n' "$package"
  done
}

# A package's service must not start: the lab runs its own servers with its own configuration.
# dpkg asks policy-rc.d; on a booted host that holds for services that were never enabled too.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then
    as_root "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  as_root "$@" || status=$?
  as_root rm -f "$policy"
  return "$status"
}

# The services that the lab's and the tests' packages bring. On a booted host they are masked before their
# package comes, so that none starts now or at the next boot; `systemctl unmask` undoes it.
mask_services_of() {
  [ -d /run/systemd/system ] || return 0
  local package unit
  while read -r package unit; do
    case " $1 " in *" $package "*) as_root systemctl mask --quiet "$unit" ;; esac
  done <<'UNITS'
nsd nsd.service
knot knot.service
unbound unbound.service
bind9 named.service
pdns-recursor pdns-recursor.service
knot-resolver kresd@1.service
dnsdist dnsdist.service
postfix postfix.service
dovecot-core dovecot.service
prometheus prometheus.service
UNITS
}

# install_packages LIST...: names what it installs; does nothing when nothing is missing.
install_packages() {
  local missing log
  missing=$(missing_packages "$@" | tr '\n' ' ')
  # A Node.js that did not come from Debian brings its own npm.
  if command -v npm >/dev/null; then missing=$(printf '%s' "$missing" | sed 's/\bnpm\b//; s/\bnodejs\b//'); fi
  [ -n "${missing// /}" ] || return 0
  command -v apt-get >/dev/null || die "needs Debian packages, and apt-get is not here: $missing"
  say "installing: $missing"
  mask_services_of "$missing"
  log=$(mktemp)
  # shellcheck disable=SC2086  # a list of words
  if ! { as_root apt-get update -qq &&
    without_services env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "the packages could not be installed; see above"
  fi
  rm -f "$log"
}

# build PRESET TARGET...: configures, builds, and says every 20 s how far it is.
build() {
  local preset=$1 log=$ROOT/build/$1.log pid step shown=
  shift
  mkdir -p "$ROOT/build"
  cmake --preset "$preset" -S "$ROOT" >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "cmake --preset $preset failed"; }
  cmake --build "$ROOT/build/$preset" --target "$@" >"$log" 2>&1 &
  pid=$!
  # shellcheck disable=SC2064  # the id of now is meant
  trap "kill $pid 2>/dev/null || true" EXIT
  while kill -0 "$pid" 2>/dev/null; do
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.2
    done
    step=$(tail -c 400 "$log" | grep -aoE '^\[[0-9]+/[0-9]+\]' | tail -n 1 || true)
    [ -z "$step" ] || [ "$step" = "$shown" ] || say "  $step"
    shown=$step
  done
  trap - EXIT
  if ! wait "$pid"; then
    grep -aE 'error|FAILED:' "$log" | head -n 30 >&2
    die "the build failed; the whole log is build/$preset.log"
  fi
}
