package routextest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// gemini writes Gemini generateContent.
type gemini struct{ mint }

func (gemini) name() string      { return "gemini" }
func (gemini) requestID() string { return "" }

func (gemini) key(r *http.Request) string {
	return firstOf(r.Header.Get("X-Goog-Api-Key"), r.URL.Query().Get("key"), bearer(r))
}

func (gemini) badKey(given string) failure {
	if given == "" {
		return failure{status: http.StatusForbidden, message: "Method doesn't allow unregistered callers"}
	}
	return failure{status: http.StatusBadRequest, code: "API_KEY_INVALID", message: "API key not valid. Please pass a valid API key."}
}

// describe looks at the path as well, which names the model and the method.
func (gemini) describe(c *Call) {
	v := c.view()
	_, end, _ := strings.Cut(c.Path, "/models/")
	model, method, _ := strings.Cut(end, ":")
	c.Model, c.Stream, c.HasTools = model, method == "streamGenerateContent", v.Get("tools.0.functionDeclarations.0").Exists()
	c.LastUserText = lastUserText(v.Get("contents"), "parts", "text")
	c.Prefill = prefill(v.Get("contents"), "model", "parts")
}

// asArray reports a stream that is one JSON array, as Gemini's are unless
// server-sent events are asked for.
func asArray(c *Call) bool {
	return c.Protocol == "gemini" && c.Stream && !strings.Contains("&"+c.RawQuery+"&", "&alt=sse&")
}

// third reports a model of the third generation or later, which wants its
// signatures back.
func third(model string) bool {
	return strings.HasPrefix(model, "gemini-") && model >= "gemini-3"
}

func (gemini) envelope(f failure) []byte {
	kind := "UNKNOWN"
	switch f.status {
	case http.StatusBadRequest:
		kind = "INVALID_ARGUMENT"
	case http.StatusUnauthorized:
		kind = "UNAUTHENTICATED"
	case http.StatusForbidden:
		kind = "PERMISSION_DENIED"
	case http.StatusNotFound:
		kind = "NOT_FOUND"
	case http.StatusTooManyRequests:
		kind = "RESOURCE_EXHAUSTED"
	case http.StatusInternalServerError:
		kind = "INTERNAL"
	case http.StatusServiceUnavailable:
		kind = "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		kind = "DEADLINE_EXCEEDED"
	}
	var items []string
	if f.code != "" {
		items = append(items, `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":`+text(f.code)+`,"domain":"googleapis.com"}`)
	}
	if f.detail != "" {
		items = append(items, f.detail)
	}
	if f.wait > 0 {
		seconds := strconv.FormatFloat(f.wait.Seconds(), 'f', -1, 64)
		items = append(items, `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"`+seconds+`s"}`)
	}
	details := ""
	if len(items) > 0 {
		details = `,"details":` + list(items)
	}
	return []byte(`{"error":{"code":` + number(f.status) + `,"message":` + text(f.message) + `,"status":"` + kind + `"` + details + `}}`)
}

func (d gemini) errorEvent(f failure) event {
	return event{data: string(d.envelope(f))}
}

// frame writes an element of the array, or a server-sent event.
func (gemini) frame(c *Call, n int, ev event) string {
	if !asArray(c) {
		return sse(ev)
	}
	text := ",\r\n" + ev.data
	if n == 0 {
		text = "[" + ev.data
	}
	if ev.last {
		text += "\n]"
	}
	return text
}

func (gemini) stop(a *Answer) string {
	switch {
	case a.Refusal != "" || a.StopReason == "filter":
		return "SAFETY"
	case a.StopReason == "length":
		return "MAX_TOKENS"
	}
	return "STOP"
}

func (gemini) usage(a *Answer) string {
	u := a.Usage
	more := ""
	if u.CacheRead > 0 {
		more += `,"cachedContentTokenCount":` + number(u.CacheRead)
	}
	if u.Reasoning > 0 {
		more += `,"thoughtsTokenCount":` + number(u.Reasoning)
	}
	return `{"promptTokenCount":` + number(u.prompt()) + `,"candidatesTokenCount":` + number(u.Output-u.Reasoning) + `,"totalTokenCount":` + number(u.prompt()+u.Output) + more + `}`
}

// chunk writes one answer, whole or a piece: its parts, "" for none, and why it
// ends, "" when it goes on.
func (gemini) chunk(id string, c *Call, parts []string, stop, usage string) string {
	candidate := `"content":{"parts":` + list(parts) + `,"role":"model"},`
	if stop != "" {
		candidate += `"finishReason":"` + stop + `",`
	}
	return `{"candidates":[{` + candidate + `"index":0}],"usageMetadata":` + usage + `,"modelVersion":` + text(c.Model) + `,"responseId":"` + id + `"}`
}

func (d gemini) whole(id string, c *Call, a *Answer) []byte {
	if a.StopReason == "filter" && a.silent() {
		return []byte(d.blocked(id, c, a))
	}
	var parts []string
	if d.shows(c, a) {
		parts = append(parts, `{"text":`+text(a.Reasoning)+`,"thought":true}`)
	}
	if spoken := a.Text + a.Refusal; spoken != "" || len(a.Tools) == 0 {
		parts = append(parts, `{"text":`+text(spoken)+d.signature(c, a, len(a.Tools) == 0)+`}`)
	}
	for i, t := range a.Tools {
		parts = append(parts, d.call(c, a, i, t))
	}
	return []byte(d.chunk(id, c, parts, d.stop(a), d.usage(a)))
}

// blocked writes the answer to a prompt that is not let through.
func (d gemini) blocked(id string, c *Call, a *Answer) string {
	return `{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":` + d.usage(a) + `,"modelVersion":` + text(c.Model) + `,"responseId":"` + id + `"}`
}

// shows reports that the caller wants to read the thoughts.
func (gemini) shows(c *Call, a *Answer) bool {
	return a.Reasoning != "" && !a.Hidden && gjson.GetBytes(c.Body, "generationConfig.thinkingConfig.includeThoughts").Bool()
}

// signature is the member that a part has where the model signs it: after
// reasoning, and always by the third generation.
func (d gemini) signature(c *Call, a *Answer, signed bool) string {
	if !signed || a.Reasoning == "" && !third(c.Model) {
		return ""
	}
	return `,"thoughtSignature":"` + d.coin(a.Reasoning) + `"`
}

// call writes a call as a part. The first of several is signed.
func (d gemini) call(c *Call, a *Answer, index int, t ToolCall) string {
	id := ""
	if third(c.Model) {
		id = `"id":` + text(t.ID) + `,`
	}
	return `{"functionCall":{` + id + `"name":` + text(t.Name) + `,"args":` + arguments(t) + `}` + d.signature(c, a, index == 0) + `}`
}

func (d gemini) stream(id string, c *Call, a *Answer) (play script) {
	if a.StopReason == "filter" && a.silent() {
		play.finish = []event{{data: d.blocked(id, c, a), last: true}}
		return play
	}
	early := `{"promptTokenCount":` + number(a.Usage.prompt()) + `,"totalTokenCount":` + number(a.Usage.prompt()) + `}`
	say := func(part string) {
		play.words = append(play.words, []event{{data: d.chunk(id, c, []string{part}, "", early)}})
	}
	if d.shows(c, a) {
		for _, word := range words(a.Reasoning) {
			say(`{"text":` + text(word) + `,"thought":true}`)
		}
	}
	for _, chunk := range a.Chunks {
		say(`{"text":` + text(chunk) + `}`)
	}
	if a.Refusal != "" {
		say(`{"text":` + text(a.Refusal) + `}`)
	}
	for i, t := range a.Tools {
		say(d.call(c, a, i, t))
	}
	last := `{"text":""` + d.signature(c, a, len(a.Tools) == 0) + `}`
	play.finish = []event{{data: d.chunk(id, c, []string{last}, d.stop(a), d.usage(a)), last: true}}
	return play
}

func (gemini) models(names []string) []byte {
	items := make([]string, 0, len(names))
	for _, name := range names {
		items = append(items, `{"name":`+text("models/"+name)+`,"displayName":`+text(name)+`,"inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens"]}`)
	}
	return []byte(`{"models":` + list(items) + `}`)
}
