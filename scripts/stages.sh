# shellcheck shell=bash
# Stages of scripts/test: each runs a command, shows how far it is, and counts. Sourced after lib.sh.
# Callers set "log" to the file that takes the output of the running stage.

progress_seconds=15  # between two lines of progress where there is no terminal
passed=0 failed=0 skipped=0 status=0 running='' begun=''

end_group() {  # end_group PID: ends a command that was started with its own process group, and all it started
  local group=$1 i
  [[ -n $group ]] || return 0
  kill -TERM -- "-$group" 2>/dev/null || kill -TERM "$group" 2>/dev/null || return 0
  for i in {1..50}; do
    kill -0 -- "-$group" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$group" 2>/dev/null || true
}

finish() {  # whatever happens, the last line counts
  local code=$?
  trap - EXIT
  trap '' INT TERM  # a second Ctrl-C must not leave servers behind
  end_group "$running"
  end_group "$begun"
  ((code == 0 || failed > 0)) || failed=1  # nothing could be tested
  local line="$passed passed, $failed failed"
  ((skipped == 0)) || line+=", $skipped skipped"
  printf '\n%s\n' "$line"
  exit $((failed > 0))
}

interrupted() {
  failed=$((failed + 1))
  printf '\n%s: interrupted; ending what runs\n' "$(basename "$0")" >&2
  exit 1
}

count_on() {  # the traps of a script that counts
  trap finish EXIT
  trap interrupted INT TERM
}

progress_in() {  # progress_in LOG: "12 of 57", as Ninja, Meson and our own checks number their lines
  local numbers
  numbers=$(tail -c 4096 "$1" 2>/dev/null | grep -aoE '^\[[0-9]+/[0-9]+\]|^ *[0-9]+/[0-9]+ ' | tail -n 1 | tr -d '[] ')
  [[ -z $numbers ]] || printf '%s of %s' "${numbers%/*}" "${numbers#*/}"
}

follow() {  # follow HEADING PID LOG: shows the progress until the process ends
  local shown='' now next=$((SECONDS + progress_seconds))
  while kill -0 "$2" 2>/dev/null; do
    sleep 0.2
    if [[ -t 1 ]]; then
      now=$(progress_in "$3")
      [[ $now == "$shown" ]] || printf '\r%-40s %-14s' "$1" "$now"
      shown=$now
    elif ((SECONDS >= next)); then
      next=$((SECONDS + progress_seconds))
      now=$(progress_in "$3")
      [[ -z $now || $now == "$shown" ]] || printf '  %s: %s\n' "$1" "$now"
      shown=$now
    fi
  done
  [[ ! -t 1 ]] || printf '\r'
}

# Sets "status". Never part of a condition: bash switches set -e off in all that a condition calls.
stage() {  # stage HEADING COMMAND...: one step; its output is shown when it fails
  local start=$SECONDS
  : >"$log"
  [[ ! -t 1 ]] || printf '%-40s' "$1"
  # A process group of its own, so that all of it can be ended.
  set -m
  (
    set -e
    "${@:2}"
  ) >"$log" 2>&1 </dev/null &
  running=$!
  set +m
  follow "$1" "$running" "$log"
  status=0
  wait "$running" || status=$?
  running=
  tell_status "$1" "$start" "$log"
}

tell_status() {  # tell_status HEADING START LOG
  local word=ok
  ((status == 0)) || word=FAILED
  printf '%-40s%6s %4d s%8s\n' "$1" "$word" $((SECONDS - $2)) ''
  if ((status != 0)); then
    cat "$3"
    explain "$3"
  fi
}

begin() {  # begin COMMAND...: beside the next stages, with what they leave of the CPUs; end_begun waits for it
  beside "$@" >"$begun_log" 2>&1 </dev/null &
  begun=$!
}

end_begun() {  # end_begun HEADING: as a stage; tells only how long it was waited for; counts only a failure
  local start=$SECONDS
  follow "$1" "$begun" "$begun_log"
  status=0
  wait "$begun" || status=$?
  begun=
  tell_status "$1" "$start" "$begun_log"
  ((status == 0)) || failed=$((failed + 1))
}

check() {  # a stage that counts as one test
  stage "$@"
  if ((status == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

build() {  # build HEADING COMMAND...: a stage that counts only when it fails
  stage "$@"
  ((status == 0)) || failed=$((failed + 1))
}

run_tests() {  # run_tests HEADING DIRECTORY MESON-TEST-OPTION...: each test case counts
  local logs=$2/meson-logs counts
  rm -f "$logs"/testlog.* "$2"/*.xml
  stage "$1" meson test -C "$2" --no-rebuild --print-errorlogs --num-processes "$test_processes" "${@:3}"
  read -r -a counts < <(/usr/bin/python3 "$root/tests/checks/count.py" "$logs")
  passed=$((passed + counts[0])) failed=$((failed + counts[1])) skipped=$((skipped + counts[2]))
  # Meson failed, and not because of a test.
  ((status == 0 || counts[1] > 0)) || failed=$((failed + 1))
}
