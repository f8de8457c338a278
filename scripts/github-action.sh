#!/usr/bin/env bash
# What the GitHub Action runs (action.yml): its inputs come as PODWALL_* variables.
set -euo pipefail

podwall=(node "$GITHUB_ACTION_PATH/dist/podwall.js")
# Inputs are lists of words; file names with spaces are not for them. No name pattern is expanded here.
set -f
paths=($PODWALL_PATHS)
arguments=($PODWALL_ARGUMENTS)
set +f

case "$PODWALL_COMMAND" in
check)
  if [ -n "$PODWALL_SARIF" ]; then
    "${podwall[@]}" check "${paths[@]}" "${arguments[@]}" -o sarif --fail-on never > "$PODWALL_SARIF"
  fi
  exec "${podwall[@]}" check "${paths[@]}" "${arguments[@]}" -o github
  ;;
diff)
  if [ -z "$PODWALL_BASE" ]; then
    echo "::error title=podwall::diff needs the input base, such as \${{ github.event.pull_request.base.sha }}"
    exit 2
  fi
  if [ "$PODWALL_SUMMARY" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    "${podwall[@]}" diff --git "$PODWALL_BASE" "${paths[@]}" -o md >> "$GITHUB_STEP_SUMMARY"
  fi
  exec "${podwall[@]}" diff --git "$PODWALL_BASE" "${paths[@]}" "${arguments[@]}" -o github
  ;;
test)
  exec "${podwall[@]}" test "${paths[@]}" "${arguments[@]}"
  ;;
*)
  echo "::error title=podwall::command $PODWALL_COMMAND: there are check, diff and test"
  exit 2
  ;;
esac
