{{- define "crossgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "crossgate.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "crossgate.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "crossgate.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "crossgate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "crossgate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "crossgate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "crossgate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "crossgate.image" -}}
{{- $i := .Values.image -}}
{{- $name := $i.repository -}}
{{- if $i.registry }}{{ $name = printf "%s/%s" $i.registry $i.repository }}{{ end -}}
{{- if $i.digest }}{{ printf "%s@%s" $name $i.digest }}{{ else }}{{ printf "%s:%s" $name (default .Chart.AppVersion $i.tag) }}{{ end -}}
{{- end }}

{{- define "crossgate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "crossgate.fullname" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{/* The inline policy's ConfigMap. Rolled out on change, it is named after its content, so old pods keep theirs. */}}
{{- define "crossgate.policyConfigMap" -}}
{{- if .Values.policy.existingConfigMap }}{{ .Values.policy.existingConfigMap }}
{{- else if .Values.policy.rolloutOnChange }}{{ printf "%s-policy-%s" (include "crossgate.fullname" . | trunc 45 | trimSuffix "-") (toYaml .Values.policy.inline | sha256sum | trunc 10) }}
{{- else }}{{ printf "%s-policy" (include "crossgate.fullname" . | trunc 56 | trimSuffix "-") }}
{{- end }}
{{- end }}

{{- define "crossgate.ceilingConfigMap" -}}
{{- if .Values.policy.ceiling.existingConfigMap }}{{ .Values.policy.ceiling.existingConfigMap }}
{{- else if .Values.policy.ceiling.inline }}{{ printf "%s-ceiling" (include "crossgate.fullname" . | trunc 55 | trimSuffix "-") }}
{{- end }}
{{- end }}

{{/* The text of a setting. An integer that YAML read as a float would come out as 1e+06; a bare `off` is false to YAML. */}}
{{- define "crossgate.settingText" -}}
{{- if kindIs "bool" . }}{{ ternary "on" "off" . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}
{{- else }}{{ . }}
{{- end }}
{{- end }}

{{/* A team's file in the policy directory: its ConfigMap may hold those of other teams too. */}}
{{- define "crossgate.teamFile" -}}
{{- printf "%s.%s" .configMap (default "policy.yaml" .key) }}
{{- end }}

{{/* What the schema cannot say: refuse what contradicts itself, in a sentence that says what to do. */}}
{{- define "crossgate.check" -}}
{{- $p := .Values.policy -}}
{{- $sources := 0 -}}
{{- if $p.inline }}{{ $sources = add1 $sources }}{{ end -}}
{{- if $p.existingConfigMap }}{{ $sources = add1 $sources }}{{ end -}}
{{- if $p.teams }}{{ $sources = add1 $sources }}{{ end -}}
{{- if ne (int $sources) 1 -}}
{{- fail (printf "policy: set exactly one of policy.inline, policy.existingConfigMap and policy.teams (%d are set)" (int $sources)) -}}
{{- end -}}
{{- if and $p.rolloutOnChange (not $p.inline) -}}
{{- fail "policy.rolloutOnChange needs policy.inline: the chart sees no other policy change. Use a reloader for an existing ConfigMap, or leave it to the hot reload" -}}
{{- end -}}
{{- if and $p.ceiling.inline $p.ceiling.existingConfigMap -}}
{{- fail "policy.ceiling: set inline or existingConfigMap, not both" -}}
{{- end -}}
{{- $files := dict -}}
{{- range $p.teams -}}
{{- $file := include "crossgate.teamFile" . -}}
{{- if hasKey $files $file -}}
{{- fail (printf "policy.teams: ConfigMap %s and key %s are named twice" .configMap (default "policy.yaml" .key)) -}}
{{- end -}}
{{- $_ := set $files $file true -}}
{{- end -}}
{{- $s := .Values.shutdown -}}
{{- if le (int $s.terminationGracePeriodSeconds) (add (int $s.preStopSeconds) (int $s.drainSeconds)) -}}
{{- fail (printf "shutdown: terminationGracePeriodSeconds (%d) must be more than preStopSeconds + drainSeconds (%d), or requests are cut" (int $s.terminationGracePeriodSeconds) (add (int $s.preStopSeconds) (int $s.drainSeconds))) -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling: minReplicas is more than maxReplicas" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts is empty: name the hosts, or the ingress would take every host of its class" -}}
{{- end -}}
{{- range $name, $_ := merge (dict) .Values.ingress.annotations .Values.httpRoute.annotations -}}
{{- if regexMatch "(?i)cors" $name -}}
{{- fail (printf "annotation %s: CORS is decided by Crossgate; a second decider in front of it would answer twice. Remove it" $name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is empty: name the Gateway" -}}
{{- end -}}
{{- if eq (int .Values.ports.http) (int .Values.ports.admin) -}}
{{- fail "ports: http and admin are the same" -}}
{{- end -}}
{{- end }}

{{- define "crossgate.single" -}}
{{- if .Values.autoscaling.enabled }}{{ if eq (int .Values.autoscaling.minReplicas) 1 }}yes{{ end }}{{ else if le (int .Values.replicaCount) 1 }}yes{{ end -}}
{{- end }}
