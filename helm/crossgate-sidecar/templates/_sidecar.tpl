{{/*
Crossgate as a native sidecar: an init container that keeps running, is ready before the application starts and ends
after it, and does not keep a Job from finishing. In your pod:

  initContainers:
    {{- include "crossgate.sidecar.container" (dict "root" . "crossgate" .Values.crossgate) | nindent 8 }}
  volumes:
    {{- include "crossgate.sidecar.volume" (dict "crossgate" .Values.crossgate) | nindent 8 }}

Keys of `crossgate`: policyConfigMap (required), image, port (8080), adminPort (9901), settings, resources, drainSeconds,
imagePullPolicy. Give the image that you built and pushed: the default is nobody's until a release puts it there
(docs/deploy.md). Let the application listen on 127.0.0.1 only, and point the Service at the port `cors`.
*/}}
{{- define "crossgate.sidecar.container" -}}
{{- $c := .crossgate -}}
{{- $port := int (default 8080 $c.port) -}}
{{- $admin := int (default 9901 $c.adminPort) -}}
- name: crossgate
  image: {{ default "ghcr.io/crossgate/crossgate:0.1.0" $c.image | quote }}
  imagePullPolicy: {{ default "IfNotPresent" $c.imagePullPolicy }}
  # What makes an init container a sidecar.
  restartPolicy: Always
  args: [serve]
  env:
    - { name: CROSSGATE_POLICY, value: /etc/crossgate }
    - { name: CROSSGATE_LISTEN, value: "0.0.0.0:{{ $port }}" }
    - { name: CROSSGATE_ADMIN, value: "0.0.0.0:{{ $admin }}" }
    - { name: CROSSGATE_DRAIN_TIMEOUT, value: "{{ default 20 $c.drainSeconds }}s" }
    {{- range $key, $value := default dict $c.settings }}
    - { name: CROSSGATE_{{ regexReplaceAll "([A-Z])" $key "_${1}" | upper }}, value: {{ $value | toString | quote }} }
    {{- end }}
  ports:
    - { name: cors, containerPort: {{ $port }}, protocol: TCP }
    - { name: cors-admin, containerPort: {{ $admin }}, protocol: TCP }
  # The application starts once this has succeeded.
  startupProbe:
    httpGet: { path: /readyz, port: cors-admin }
    periodSeconds: 1
    failureThreshold: 60
  readinessProbe:
    httpGet: { path: /readyz, port: cors-admin }
    periodSeconds: 5
  livenessProbe:
    httpGet: { path: /healthz, port: cors-admin }
    periodSeconds: 10
  resources:
    {{- toYaml (default (dict "requests" (dict "cpu" "50m" "memory" "96Mi") "limits" (dict "memory" "384Mi")) $c.resources) | nindent 4 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: { drop: [ALL] }
    seccompProfile: { type: RuntimeDefault }
  volumeMounts:
    - { name: crossgate-policy, mountPath: /etc/crossgate, readOnly: true }
{{- end }}

{{- define "crossgate.sidecar.volume" -}}
- name: crossgate-policy
  configMap: { name: {{ required "crossgate.policyConfigMap: name the ConfigMap that holds the policy" .crossgate.policyConfigMap | quote }} }
{{- end }}
