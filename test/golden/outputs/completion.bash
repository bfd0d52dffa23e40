# bash completion for crossgate
_crossgate() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words="" files=0
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "serve check explain test diff audit scan schema completion healthcheck doctor help --help --version" -- "$current"))
    return
  fi
  local command="${COMP_WORDS[1]}" at=2
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "$command" in
      "audit"|"help") command="$command ${COMP_WORDS[at]}"; at=$((at + 1)) ;;
      *) break ;;
    esac
  done
  case "$command" in
    "serve")
      case "$previous" in
        --audit) words="denied all" ;;
        --audit-format) words="native ecs ocsf" ;;
        --audit-on-error) words="continue deny" ;;
        --log-level) words="debug info warn error silent" ;;
        --tracing) words="off otel" ;;
        --policy|--ceiling|--listen|--admin|--admin-hosts|--policy-poll|--policy-load-timeout|--audit-file|--audit-window|--audit-keys|--audit-buffer|--trusted-proxies|--body-limit|--max-header-bytes|--max-headers|--max-connections|--max-requests-per-socket|--headers-timeout|--request-timeout|--keep-alive-timeout|--tls-cert|--tls-key|--send-timeout|--web-socket-idle-timeout|--web-socket-lifetime|--max-event-loop-delay|--max-heap-percent|--workers|--drain-delay|--drain-timeout|--settings) files=1 ;;
        *) words="--policy --ceiling --listen --admin --admin-hosts --policy-poll --policy-load-timeout --audit --audit-file --audit-format --audit-window --audit-keys --audit-on-error --audit-buffer --log-level --tracing --trusted-proxies --body-limit --max-header-bytes --max-headers --max-connections --max-requests-per-socket --headers-timeout --request-timeout --keep-alive-timeout --tls-cert --tls-key --send-timeout --web-socket-idle-timeout --web-socket-lifetime --max-event-loop-delay --max-heap-percent --workers --drain-delay --drain-timeout --settings --help"; files=1 ;;
      esac ;;
    "check")
      case "$previous" in
        --format) words="text json sarif github" ;;
        --fail-on) words="error warning info" ;;
        --max-credentialed-origins|--ceiling) files=1 ;;
        *) words="--format --fail-on --max-credentialed-origins --ceiling --help"; files=1 ;;
      esac ;;
    "explain")
      case "$previous" in
        --scheme) words="http https" ;;
        --format) words="text json" ;;
        --expect) words="allowed denied allow deny" ;;
        --policy|--ceiling|--url|--origin|--method|--header|--request) files=1 ;;
        *) words="--policy --ceiling --url --origin --method --header --preflight --request --scheme --format --expect --help"; files=1 ;;
      esac ;;
    "test")
      case "$previous" in
        --format) words="text json tap junit" ;;
        --ceiling|--min-coverage) files=1 ;;
        *) words="--format --ceiling --coverage --min-coverage --help"; files=1 ;;
      esac ;;
    "diff")
      case "$previous" in
        --format) words="text json markdown" ;;
        --ceiling) files=1 ;;
        *) words="--format --allow-widening --ceiling --help"; files=1 ;;
      esac ;;
    "audit")
      case "$previous" in

        *) words="--help report suggest"; files=0 ;;
      esac ;;
    "audit report")
      case "$previous" in
        --format) words="text json html" ;;
        --output|--top) files=1 ;;
        *) words="--format --output --top --help"; files=1 ;;
      esac ;;
    "audit suggest")
      case "$previous" in
        --format) words="text json" ;;
        --policy|--min-count) files=1 ;;
        *) words="--policy --min-count --include-enforced --include-ungranted --write --verbose --format --help"; files=1 ;;
      esac ;;
    "scan")
      case "$previous" in
        --format) words="text json sarif github junit markdown html" ;;
        --fail-on) words="critical high medium low info none" ;;
        --urls|--header|--origin|--policy|--compare|--baseline|--rate|--concurrency|--timeout|--user-agent|--resolve) files=1 ;;
        *) words="--urls --header --origin --headers --policy --compare --baseline --format --fail-on --rate --concurrency --timeout --user-agent --allow-private --resolve --dangerously-skip-verify --no-progress --help"; files=1 ;;
      esac ;;
    "schema")
      case "$previous" in
        --format) words="text json" ;;
        *) words="--format --help version upstreams upstreams.url upstreams.tls upstreams.tls.ca upstreams.tls.serverName upstreams.tls.cert upstreams.tls.key upstreams.tls.dangerouslySkipVerify upstreams.timeouts upstreams.timeouts.connect upstreams.timeouts.headers upstreams.timeouts.idle upstreams.timeouts.total upstreams.connections upstreams.queue upstreams.preserveHost origins origins.origin origins.owner origins.reason origins.expires routes routes.id routes.hosts routes.path routes.upstream routes.replacePrefix routes.cors routes.cors.allowOrigins routes.cors.allowOrigins.origin routes.cors.allowOrigins.owner routes.cors.allowOrigins.reason routes.cors.allowOrigins.expires routes.cors.allowMethods routes.cors.allowHeaders routes.cors.exposeHeaders routes.cors.allowCredentials routes.cors.maxAge routes.cors.allowPrivateNetwork routes.cors.allowTiming routes.cors.dangerouslyAllowNullOrigin routes.cors.dangerouslyAllowInsecureOrigins routes.cors.dangerouslyAllowPublicSuffix routes.mode routes.reportUntil routes.onDenied routes.forwardOrigin routes.websocket routes.fetchMetadata publicOrigins defaults defaults.mode defaults.onDenied"; files=0 ;;
      esac ;;
    "completion")
      case "$previous" in

        *) words="--help bash zsh fish"; files=0 ;;
      esac ;;
    "healthcheck")
      case "$previous" in
        --admin|--settings|--timeout) files=1 ;;
        *) words="--admin --settings --timeout --live --help"; files=1 ;;
      esac ;;
    "doctor")
      case "$previous" in
        --format) words="text json" ;;
        --policy|--settings|--around|--gateway) files=1 ;;
        *) words="--policy --settings --around --gateway --format --help"; files=1 ;;
      esac ;;
    "help")
      case "$previous" in

        *) words="--help serve check explain test diff audit scan schema completion healthcheck doctor"; files=0 ;;
      esac ;;
    "help audit")
      case "$previous" in

        *) words="--help report suggest"; files=0 ;;
      esac ;;
  esac
  if [ "$files" -eq 1 ] && [ "${current#-}" = "$current" ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _crossgate crossgate
