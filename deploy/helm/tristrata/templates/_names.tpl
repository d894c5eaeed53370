{{- define "tristrata.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "tristrata" $name) }}{{ $name = printf "%s-tristrata" $name }}{{ end -}}
{{- /* A pod's name, and the label made of it, is longer by its number and its revision. */ -}}
{{- $name | trunc 48 | trimSuffix "-" -}}
{{- end -}}

{{- define "tristrata.selector" -}}
app.kubernetes.io/name: tristrata
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: serve
{{- end -}}

{{- define "tristrata.labels" -}}
{{ include "tristrata.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
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
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.egress) -}}
{{- fail "networkPolicy.egress is empty: the stores could not be reached; name where they are, or set networkPolicy.enabled=false" -}}
{{- end -}}
{{- end -}}
