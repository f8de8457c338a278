{{- define "podwall.selectorLabels" -}}
app.kubernetes.io/name: podwall
app.kubernetes.io/component: agent
{{- end }}

{{- define "podwall.labels" -}}
app.kubernetes.io/name: podwall
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "podwall.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}
