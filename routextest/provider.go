package routextest

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options configure a [Provider]. The zero value answers every call at once
// with a text about the last user message.
type Options struct {
	Name   string        // shown in ids and in the canned answer; "" means "test"
	Pace   time.Duration // between two events of a stream
	Delay  time.Duration // before an answer begins
	APIKey string        // calls with another key get a 401; "" takes any
	Models []string      // calls for others get a 404; empty takes any
	// Answer gives the answer to a call; nil means a canned text. It is
	// called by many goroutines at the same time.
	Answer func(*Call) Answer
}

// A Call is what a provider received. It holds copies.
type Call struct {
	Protocol     string // "anthropic" or "openai-chat"
	Path         string
	RawQuery     string
	Header       http.Header
	Body         []byte
	Model        string
	Stream       bool
	Time         time.Time
	LastUserText string // of the last user message that has text
	HasTools     bool
}

// An Answer is what a provider says. The zero value is an empty text.
type Answer struct {
	Text       string
	Chunks     []string   // pieces of Text for a stream; nil means its words
	Tools      []ToolCall // after the text
	Usage      Usage
	StopReason string // "stop", "length" or "tool"; "" follows from Tools
}

// A ToolCall is a tool that the model calls.
type ToolCall struct {
	ID, Name  string
	Arguments string // JSON object; "" for a tool without arguments
}

// Usage counts tokens. Input excludes the tokens of the cache.
type Usage struct{ Input, Output, CacheRead, CacheWrite int }

// A Provider is an http.Handler that serves calls at paths that end in
// /v1/messages or /chat/completions, and lists its models at those that end in
// /v1/models. It is safe for concurrent use.
type Provider struct {
	o Options

	mu     sync.Mutex
	calls  []Call  // under mu
	script []Fault // under mu: for the calls to come, in order
	always *Fault  // under mu: when the script is over; nil for none
	count  int     // under mu: of answers, for their ids
}

// NewProvider makes a provider.
func NewProvider(o Options) *Provider {
	if o.Name == "" {
		o.Name = "test"
	}
	o.Models = slices.Clone(o.Models)
	return &Provider{o: o}
}

// Calls are those received so far, in order. The slice is the caller's.
func (p *Provider) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// LastCall is the latest call; the zero Call when there was none.
func (p *Provider) LastCall() Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) == 0 {
		return Call{}
	}
	return p.calls[len(p.calls)-1]
}

// Count is the number of calls received.
func (p *Provider) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls)
}

// Reset forgets the calls and the faults.
func (p *Provider) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls, p.script, p.always = nil, nil, nil
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var d dialect
	switch {
	case strings.HasSuffix(r.URL.Path, "/v1/messages"):
		d = anthropic{}
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		d = chat{}
	case strings.HasSuffix(r.URL.Path, "/v1/models"):
		p.models(w, r)
		return
	default:
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeError(w, d, http.StatusMethodNotAllowed, "", "use POST")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	call := newCall(d, r, body)
	fault, id := p.receive(call)
	s := &session{w: w, r: r, d: d, p: p, call: call, fault: fault, id: id}
	s.serve()
}

// receive records a call and says what it meets.
func (p *Provider) receive(c Call) (Fault, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, c)
	p.count++
	id := p.o.Name + strconv.Itoa(p.count)
	if len(p.script) > 0 {
		f := p.script[0]
		if p.script[0].Times--; p.script[0].Times == 0 {
			p.script = p.script[1:]
		}
		return f, id
	}
	if p.always != nil {
		return *p.always, id
	}
	return Fault{}, id
}

// refusal says why a call is not answered; status 0 means that it is.
func (p *Provider) refusal(c Call) (status int, code, message string) {
	key := c.Header.Get("X-Api-Key")
	if key == "" {
		key = strings.TrimPrefix(c.Header.Get("Authorization"), "Bearer ")
	}
	switch {
	case p.o.APIKey != "" && key != p.o.APIKey:
		return http.StatusUnauthorized, "invalid_api_key", "the API key is not valid"
	case len(p.o.Models) > 0 && c.Model != "" && !slices.Contains(p.o.Models, c.Model):
		return http.StatusNotFound, "model_not_found", "model: " + c.Model
	}
	return 0, "", ""
}

// answer is what the provider says to a call.
func (p *Provider) answer(c Call) Answer {
	if p.o.Answer != nil {
		return p.o.Answer(&c)
	}
	text := "This is the " + p.o.Name + " provider with the model " + c.Model + ". You said: " + c.LastUserText
	return Answer{Text: text, Usage: Usage{Input: len(c.Body)/4 + 1, Output: len(text)/4 + 1}}
}

func (p *Provider) models(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Header.Get("Anthropic-Version") != "" {
		_, _ = w.Write(anthropic{}.models(p.o.Models))
		return
	}
	_, _ = w.Write(chat{}.models(p.o.Models))
}
