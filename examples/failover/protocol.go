package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// A protocol is one of the four, as callers ask in it and as channels speak it.
type protocol struct {
	name string
	path string // of a streamed call; may hold {model}
	body string // of it; may hold {model}
	read func() reader

	// As a channel.
	kind routex.ChannelType
	api  routex.API
	// The models of the primary and of the fallback, and one for the fallback
	// that has a larger window than the primary's.
	primary, fallback, larger string
}

func protocols() []protocol {
	const user = `"messages":[{"role":"user","content":"` + question + `"}]}`
	return []protocol{
		{
			name: "anthropic", path: "/v1/messages", body: `{"model":"{model}","max_tokens":1000,"stream":true,` + user,
			read: func() reader { return &anthropicReader{open: -1} },
			kind: routex.TypeAnthropic, primary: "claude-haiku-4-5", fallback: "claude-sonnet-4-5", larger: "claude-opus-4-6",
		},
		{
			name: "chat", path: "/v1/chat/completions", body: `{"model":"{model}","stream":true,"stream_options":{"include_usage":true},` + user,
			read: func() reader { return new(chatReader) },
			kind: routex.TypeOpenAI, api: routex.APIChat, primary: "gpt-4o-mini", fallback: "gpt-4o", larger: "gpt-4.1",
		},
		{
			name: "responses", path: "/v1/responses", body: `{"model":"{model}","stream":true,"input":"` + question + `"}`,
			read: func() reader { return new(responsesReader) },
			kind: routex.TypeOpenAI, api: routex.APIResponses, primary: "gpt-4o-mini", fallback: "gpt-4o", larger: "gpt-4.1",
		},
		{
			name: "gemini", path: "/v1beta/models/{model}:streamGenerateContent?alt=sse", body: `{"contents":[{"role":"user","parts":[{"text":"` + question + `"}]}]}`,
			read: func() reader { return new(geminiReader) },
			kind: routex.TypeGoogle, primary: "gemini-2.0-flash", fallback: "gemini-2.5-flash", larger: "gemini-1.5-pro",
		},
	}
}

const question = "Please count to sixty."

// answer is what the providers say: sixty words.
var answer = sixtyWords() //nolint:gochecknoglobals // a constant that the language has no form for

func sixtyWords() string {
	ones := strings.Fields("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	words := ones
	for ten := range strings.FieldsSeq("twenty thirty forty fifty") {
		words = append(words, ten)
		for _, one := range ones[:9] {
			words = append(words, ten+"-"+one)
		}
	}
	return strings.Join(append(words, "sixty."), " ")
}

// An outcome is what one call brought its caller.
type outcome struct {
	Began  time.Time
	Took   time.Duration
	Status int
	Text   string
	Model  string
	Input  int    // tokens, as the usage says
	Output int    // tokens
	Stop   string // why the model stopped: "stop", "filter" or the protocol's word; "" when it did not say
	Ended  bool   // the protocol's own ending came
	Error  string // the error that the protocol told
	Cut    error  // how the connection broke
	Flaw   string // what a client that reads strictly would stumble over
}

// ask makes one streamed call and reads the answer to its end.
func (p *protocol) ask(ctx context.Context, client *http.Client, base, model string) (o outcome) {
	o.Began = time.Now()
	defer func() { o.Took = time.Since(o.Began) }()
	put := strings.NewReplacer("{model}", model)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+put.Replace(p.path), strings.NewReader(put.Replace(p.body)))
	if err != nil {
		o.Cut = err
		return o
	}
	req.Header.Set("Content-Type", "application/json")
	if p.name == "anthropic" {
		req.Header.Set("Anthropic-Version", "2023-06-01")
	}
	resp, err := client.Do(req)
	if err != nil {
		o.Cut = err
		return o
	}
	defer func() { _ = resp.Body.Close() }()
	o.Status = resp.StatusCode
	if resp.StatusCode != http.StatusOK {
		o.refused(p, resp)
		return o
	}
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		o.Flaw = fmt.Sprintf("a stream of the type %q", kind)
	}
	o.stream(p.read(), resp.Body)
	return o
}

// refused reads an error.
func (o *outcome) refused(p *protocol, resp *http.Response) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		o.Cut = err
		return
	}
	o.Error = gjson.GetBytes(body, "error.message").String()
	kind := gjson.GetBytes(body, map[string]string{"anthropic": "error.type", "gemini": "error.status"}[p.name]).String()
	if o.Error == "" || kind == "" && (p.name == "anthropic" || p.name == "gemini") {
		o.Flaw = "an error in no form of the protocol: " + string(body)
	}
}

// stream reads server-sent events to the end.
func (o *outcome) stream(r reader, body io.Reader) {
	all, err := io.ReadAll(body)
	o.Cut = err
	text := strings.ReplaceAll(string(all), "\r\n", "\n")
	for text != "" {
		event, rest, whole := strings.Cut(text, "\n\n")
		if !whole {
			if o.Cut == nil {
				o.flaw("an event that is not whole: " + event)
			}
			return
		}
		text = rest
		name, data := fields(event)
		if name == "" && data == "" { // a comment
			continue
		}
		if data != "[DONE]" && !gjson.Valid(data) {
			o.flaw("an event that is no JSON: " + data)
			continue
		}
		if o.Error != "" && name != "response.failed" { // which follows the event error
			o.flaw("something after the error: " + data)
		}
		r.event(name, gjson.Parse(data), o)
	}
}

func (o *outcome) flaw(s string) { o.Flaw = cmp.Or(o.Flaw, s) }

// fields takes an event apart.
func fields(event string) (name, data string) {
	var lines []string
	for line := range strings.SplitSeq(event, "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch key {
		case "event":
			name = value
		case "data":
			lines = append(lines, value)
		}
	}
	return name, strings.Join(lines, "\n")
}
