#compdef crossgate
_crossgate() {
  local -a commands=(
    'serve:Run the gateway in front of the upstreams of a policy.'
    'check:Show every problem of a policy at once, lint it, and attack it with crafted origins.'
    'explain:Show step by step how a request is decided, what is answered, and what a browser makes of it.'
    'test:Run the expectations (*.test.yaml) beside a policy.'
    'diff:Show what NEW allows and OLD does not, and the other way round\: by effect, not by text.'
    'audit:Read audit logs\: report who was denied and why, or suggest an allowlist.'
    'scan:Find CORS misconfigurations of live URLs, as an attacker’s page would, without attacking.'
    'schema:Print the JSON Schema of the policy file, or explain one field of it.'
    'completion:Print the completion script of a shell.'
    'healthcheck:Ask the admin listener of a running gateway whether it is ready.'
    'doctor:Look for what undoes a deployment\: ways around the gateway, mounts, limits, the clock.'
    'help:Show the help of a command.'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="${words[2]}"
  shift words
  (( CURRENT-- ))
  while (( CURRENT > 2 )); do
    case "$command" in
      "audit"|"help") command="$command ${words[2]}"; shift words; (( CURRENT-- )) ;;
      *) break ;;
    esac
  done
  case "$command" in
      "serve") _arguments \
        '*--policy[policy file, or directory of *.yaml and *.yml files (CROSSGATE_POLICY; required)]:value:_files' \
        '*--ceiling[file that bounds what the policy may open (CROSSGATE_CEILING; default\: none)]:value:_files' \
        '*--listen[where browsers reach the gateway (CROSSGATE_LISTEN; default\: 127.0.0.1\:8080)]:value:_files' \
        '*--admin[where probes, metrics and the console are; off turns it off (CROSSGATE_ADMIN; default\: 127.0.0.1\:9901)]:value:_files' \
        '*--admin-hosts[host names the admin listener answers to besides localhost and IP addresses (CROSSGATE_ADMIN_HOSTS; default\: none)]:value:_files' \
        '*--policy-poll[how often the policy is looked at besides being watched (CROSSGATE_POLICY_POLL; default\: 1s)]:value:_files' \
        '*--policy-load-timeout[time for a policy to load; more is refused (CROSSGATE_POLICY_LOAD_TIMEOUT; default\: 60s)]:value:_files' \
        '*--audit[decisions to record\: denied, all, or sample\:N, one in N of the allowed (CROSSGATE_AUDIT; default\: denied)]:value:(denied all)' \
        '*--audit-file[file for audit records; - is stdout (CROSSGATE_AUDIT_FILE; default\: -)]:value:_files' \
        '*--audit-format[shape of the audit records\: native, ecs or ocsf (CROSSGATE_AUDIT_FORMAT; default\: native)]:value:(native ecs ocsf)' \
        '*--audit-window[equal denials within it are counted into one record; 0 records each (CROSSGATE_AUDIT_WINDOW; default\: 60s)]:value:_files' \
        '*--audit-keys[different denials told apart within a window; the rest is counted by route and reason (CROSSGATE_AUDIT_KEYS; default\: 10000)]:value:_files' \
        '*--audit-on-error[while audit records cannot be written\: continue, or deny every request (CROSSGATE_AUDIT_ON_ERROR; default\: continue)]:value:(continue deny)' \
        '*--audit-buffer[records kept in memory while they cannot be written; more are dropped and counted (CROSSGATE_AUDIT_BUFFER; default\: 4MiB)]:value:_files' \
        '*--log-level[least severe line of the gateway'\''s own log on stderr (CROSSGATE_LOG_LEVEL; default\: info)]:value:(debug info warn error silent)' \
        '*--tracing[off, or otel for OpenTelemetry spans by @fastify/otel, which you install (CROSSGATE_TRACING; default\: off)]:value:(off otel)' \
        '*--trusted-proxies[peers whose X-Forwarded-For and -Proto are believed (CROSSGATE_TRUSTED_PROXIES; default\: none)]:value:_files' \
        '*--body-limit[largest request body, counted as it streams (CROSSGATE_BODY_LIMIT; default\: 10MiB)]:value:_files' \
        '*--max-header-bytes[largest request head; more is 431 (CROSSGATE_MAX_HEADER_BYTES; default\: 16KiB)]:value:_files' \
        '*--max-headers[most request header lines; more is 431 (CROSSGATE_MAX_HEADERS; default\: 100)]:value:_files' \
        '*--max-connections[most client connections at once (CROSSGATE_MAX_CONNECTIONS; default\: 10000)]:value:_files' \
        '*--max-requests-per-socket[requests after which a connection is closed (CROSSGATE_MAX_REQUESTS_PER_SOCKET; default\: 1000)]:value:_files' \
        '*--headers-timeout[time for a request head to arrive (CROSSGATE_HEADERS_TIMEOUT; default\: 10s)]:value:_files' \
        '*--request-timeout[time for a whole request to arrive (CROSSGATE_REQUEST_TIMEOUT; default\: 60s)]:value:_files' \
        '*--keep-alive-timeout[idle time before a connection is closed (CROSSGATE_KEEP_ALIVE_TIMEOUT; default\: 65s)]:value:_files' \
        '*--tls-cert[PEM certificate chain of the listener; with --tls-key it speaks https (CROSSGATE_TLS_CERT; default\: none)]:value:_files' \
        '*--tls-key[PEM key of --tls-cert (CROSSGATE_TLS_KEY; default\: none)]:value:_files' \
        '*--send-timeout[a client that takes nothing of its answer for so long is cut (CROSSGATE_SEND_TIMEOUT; default\: 60s)]:value:_files' \
        '*--web-socket-idle-timeout[a WebSocket without a byte for so long is closed (CROSSGATE_WEB_SOCKET_IDLE_TIMEOUT; default\: 10m)]:value:_files' \
        '*--web-socket-lifetime[a WebSocket is closed after so long (CROSSGATE_WEB_SOCKET_LIFETIME; default\: 24h)]:value:_files' \
        '*--max-event-loop-delay[new requests get 503 while the process is later than this (CROSSGATE_MAX_EVENT_LOOP_DELAY; default\: 1s)]:value:_files' \
        '*--max-heap-percent[new requests get 503 while the heap is fuller than this (CROSSGATE_MAX_HEAP_PERCENT; default\: 90)]:value:_files' \
        '*--workers[processes that serve the one port; auto\: one per processor (CROSSGATE_WORKERS; default\: 1)]:value:_files' \
        '*--drain-delay[time after SIGTERM in which readiness fails and requests are still taken (CROSSGATE_DRAIN_DELAY; default\: 0s)]:value:_files' \
        '*--drain-timeout[time for requests in flight after SIGTERM (CROSSGATE_DRAIN_TIMEOUT; default\: 25s)]:value:_files' \
        '*--settings[YAML file with the settings above, in camel case (CROSSGATE_SETTINGS)]:value:_files' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "check") _arguments \
        '*--format[how to write it]:value:(text json sarif github)' \
        '*--fail-on[exit 1 from this severity on]:value:(error warning info)' \
        '*--max-credentialed-origins[origins that one rule may give credentials to without a warning]:value:_files' \
        '*--ceiling[bounds that the policy must keep to (CROSSGATE_CEILING)]:value:_files' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "explain") _arguments \
        '*--policy[policy file, directory, or - for standard input (CROSSGATE_POLICY; required)]:value:_files' \
        '*--ceiling[bounds that the policy must keep to (CROSSGATE_CEILING)]:value:_files' \
        '*--url[the address that the page requests; ws\:// and wss\:// for a WebSocket]:value:_files' \
        '*--origin[the Origin header; without it, the request is not from a page]:value:_files' \
        '*--method[the method (default\: GET)]:value:_files' \
        '*--header[a header that the page sets; may be repeated]:value:_files' \
        '*--preflight[explain the preflight for such a request]' \
        '*--request[a raw HTTP request or an audit record to explain instead; - for standard input]:value:_files' \
        '*--scheme[how the client reached the gateway, for --request]:value:(http https)' \
        '*--format[how to write it]:value:(text json)' \
        '*--expect[exit 1 where it is not this]:value:(allowed denied allow deny)' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "test") _arguments \
        '*--format[how to write it]:value:(text json tap junit)' \
        '*--ceiling[bounds that the policy must keep to (CROSSGATE_CEILING)]:value:_files' \
        '*--coverage[say which routes, rules and origins no expectation touches]' \
        '*--min-coverage[exit 1 below this; implies --coverage]:value:_files' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "diff") _arguments \
        '*--format[how to write it]:value:(text json markdown)' \
        '*--allow-widening[exit 0 even where something gets wider]' \
        '*--ceiling[bounds that NEW must keep to (CROSSGATE_CEILING)]:value:_files' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "audit") _arguments \
        '*--help[show help]' \
        '1:value:(report suggest)' ;;
      "audit report") _arguments \
        '*--format[how to write it]:value:(text json html)' \
        '*--output[where to write it instead of stdout]:value:_files' \
        '*--top[rows of each table]:value:_files' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "audit suggest") _arguments \
        '*--policy[the policy to add to\: file or directory (CROSSGATE_POLICY; required)]:value:_files' \
        '*--min-count[requests below which an origin is a one-off]:value:_files' \
        '*--include-enforced[consider also what was blocked, not only what report mode let pass]' \
        '*--include-ungranted[add also whom the upstream did not allow, so that its pages read nothing today]' \
        '*--write[change the policy file instead of printing a patch]' \
        '*--verbose[list every refused origin, not a few of each reason]' \
        '*--format[how to print it]:value:(text json)' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "scan") _arguments \
        '*--urls[read URLs from a file, one per line; - for standard input]:value:_files' \
        '*--header[send "Name\: value" as a session; @FILE reads lines; never printed]:value:_files' \
        '*--origin[an origin that is meant to be allowed; may be repeated]:value:_files' \
        '*--headers[grade the security headers too]' \
        '*--policy[report only where reality deviates from this policy]:value:_files' \
        '*--compare[scan this URL too (the gateway) and show the difference]:value:_files' \
        '*--baseline[report only what is not in this earlier report (--format json)]:value:_files' \
        '*--format[how to write the report]:value:(text json sarif github junit markdown html)' \
        '*--fail-on[exit 1 from this severity on]:value:(critical high medium low info none)' \
        '*--rate[requests per second to one host; 0\: no limit]:value:_files' \
        '*--concurrency[URLs scanned at the same time]:value:_files' \
        '*--timeout[for one answer]:value:_files' \
        '*--user-agent[how to introduce ourselves (default\: crossgate-scan/VERSION)]:value:_files' \
        '*--allow-private[scan loopback and private addresses, too]' \
        '*--resolve[connect to ADDRESS for HOST; may be repeated]:value:_files' \
        '*--dangerously-skip-verify[accept any TLS certificate]' \
        '*--no-progress[no progress on standard error]' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "schema") _arguments \
        '*--format[how to write a field]:value:(text json)' \
        '*--help[show help]' \
        '1:value:(version upstreams upstreams.url upstreams.tls upstreams.tls.ca upstreams.tls.serverName upstreams.tls.cert upstreams.tls.key upstreams.tls.dangerouslySkipVerify upstreams.timeouts upstreams.timeouts.connect upstreams.timeouts.headers upstreams.timeouts.idle upstreams.timeouts.total upstreams.connections upstreams.queue upstreams.preserveHost origins origins.origin origins.owner origins.reason origins.expires routes routes.id routes.hosts routes.path routes.upstream routes.replacePrefix routes.cors routes.cors.allowOrigins routes.cors.allowOrigins.origin routes.cors.allowOrigins.owner routes.cors.allowOrigins.reason routes.cors.allowOrigins.expires routes.cors.allowMethods routes.cors.allowHeaders routes.cors.exposeHeaders routes.cors.allowCredentials routes.cors.maxAge routes.cors.allowPrivateNetwork routes.cors.allowTiming routes.cors.dangerouslyAllowNullOrigin routes.cors.dangerouslyAllowInsecureOrigins routes.cors.dangerouslyAllowPublicSuffix routes.mode routes.reportUntil routes.onDenied routes.forwardOrigin routes.websocket routes.fetchMetadata publicOrigins defaults defaults.mode defaults.onDenied)' ;;
      "completion") _arguments \
        '*--help[show help]' \
        '1:value:(bash zsh fish)' ;;
      "healthcheck") _arguments \
        '*--admin[the gateway'\''s admin listener (CROSSGATE_ADMIN; default\: the settings file'\''s, or 127.0.0.1\:9901)]:value:_files' \
        '*--settings[the gateway'\''s settings file (CROSSGATE_SETTINGS)]:value:_files' \
        '*--timeout[how long to wait for the answer]:value:_files' \
        '*--live[ask only whether the process serves (/healthz), not whether it wants traffic (/readyz)]' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "doctor") _arguments \
        '*--policy[the gateway'\''s policy (CROSSGATE_POLICY)]:value:_files' \
        '*--settings[the gateway'\''s settings file (CROSSGATE_SETTINGS)]:value:_files' \
        '*--around[an address of an upstream as callers would dial it, which must not answer]:value:_files' \
        '*--gateway[the gateway, to compare its clock]:value:_files' \
        '*--format[how to write it]:value:(text json)' \
        '*--help[show help]' \
        '*:file:_files' ;;
      "help") _arguments \
        '*--help[show help]' \
        '1:value:(serve check explain test diff audit scan schema completion healthcheck doctor)' ;;
      "help audit") _arguments \
        '*--help[show help]' \
        '1:value:(report suggest)' ;;
  esac
}
_crossgate "$@"
