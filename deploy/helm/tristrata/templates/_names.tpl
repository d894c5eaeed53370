{{- define "tristrata.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "tristrata" $name) }}{{ $name = printf "%s-tristrata" $name }}{{ end -}}
{{- /* A pod's name, and the label made of it, is longer by its number and its revision. */ -}}
{{- $name | trunc 48 | trimSuffix "-" -}}
{{- end -}}

{{- define "tristrata.selector" -}}
app.kubernetes.io/name: tristrata
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: serve
{{- end -}}

{{- define "tristrata.labels" -}}
{{ include "tristrata.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "tristrata.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end -}}

{{- /* What no schema can say. */ -}}
{{- define "tristrata.refusals" -}}
{{- if not .Values.secret.name -}}
{{- fail "secret.name is empty: name a Secret of this namespace that holds the stores' URLs (docs/deploy.md)" -}}
{{- end -}}
{{- if and .Values.serve.retain (not .Values.settings.archive) -}}
{{- fail "serve.retain needs settings.archive: s3://BUCKET/PREFIX" -}}
{{- end -}}
{{- if hasPrefix "file:" (.Values.settings.archive | default "") -}}
{{- fail "settings.archive: a folder in the pod is no archive, since the pod's disk is; name a bucket" -}}
{{- end -}}
{{- with .Values.intake -}}
{{- if and .enabled (not (or $.Values.secret.settings.intake_token (and .tlsSecretName .clientAuthority))) -}}
{{- fail "intake.enabled: anybody could send; name secret.settings.intake_token, or intake.tlsSecretName with intake.clientAuthority" -}}
{{- end -}}
{{- if and .enabled (eq (int .port) (int $.Values.serve.port)) -}}
{{- fail "intake.port and serve.port are one: two addresses are opened" -}}
{{- end -}}
{{- if and .clientAuthority (not .tlsSecretName) -}}
{{- fail "intake.clientAuthority needs intake.tlsSecretName, whose ca.crt it is" -}}
{{- end -}}
{{- if and .enabled (not $.Values.secret.settings.drift_url) -}}
{{- fail "intake.enabled needs drift_url among secret.settings: what comes in is a drift event" -}}
{{- end -}}
{{- end -}}
{{- if regexMatch "^(127\\.|(?i:localhost)$|\\[?(0*:)+0*1\\]?$|\\[?(?i:::ffff:127\\.))" .Values.serve.address -}}
{{- fail (printf "serve.address is %s, where neither a probe nor another pod reaches it: expected 0.0.0.0 or [::]" .Values.serve.address) -}}
{{- end -}}
{{- $own := include "tristrata.labels" . | fromYaml -}}
{{- range $where, $given := dict "podLabels" .Values.podLabels "serviceMonitor.labels" .Values.serviceMonitor.labels -}}
{{- range $label, $text := $given -}}
{{- if hasKey $own $label -}}
{{- fail (printf "%s holds %s, which is the chart's own: by it the pod is found; take another" $where $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if hasKey (.Values.podAnnotations | default dict) "checksum/files" -}}
{{- fail "podAnnotations holds checksum/files, which is the chart's own: by it other files are another pod; take another" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.egress) -}}
{{- fail "networkPolicy.egress is empty: the stores could not be reached; name where they are, or set networkPolicy.enabled=false" -}}
{{- end -}}
{{- end -}}
