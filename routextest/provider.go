package routextest

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Options configure a [Provider]. The zero value answers every call at once
// with a text about the last user message.
type Options struct {
	// Name is shown in ids and in the canned answer; "" means "test".
	// Providers of different names do not know each other's signatures.
	Name   string
	Pace   time.Duration // between two events of a stream
	Delay  time.Duration // before an answer begins
	APIKey string        // calls with another key are refused; "" takes any
	Models []string      // calls for others get a 404; empty takes any
	// Lenient takes Anthropic calls without max_tokens, which the real API
	// demands: a demonstration may be tried with as little as possible.
	Lenient bool
	Prefill Prefill // what becomes of a call that ends with the assistant's words
	// Answer gives the answer to a call; nil means a canned text. It is
	// called by many goroutines at the same time.
	Answer func(*Call) Answer
}

// A Provider is an http.Handler that serves calls at paths that end like those
// of the real APIs:
//
//   - /v1/messages and /v1/messages/count_tokens,
//   - /chat/completions and /embeddings; below /openai/deployments/{name} as
//     Azure does, below /api/paas/v4 as Zhipu does,
//   - /responses, /responses/{id} and /responses/input_tokens,
//   - /models/{name}:generateContent, :streamGenerateContent, :countTokens,
//     :embedContent and :batchEmbedContents,
//   - /v1/models and /v1beta/models.
//
// It is safe for concurrent use.
type Provider struct {
	o Options

	mu     sync.Mutex
	calls  []*Call           // under mu, as is what they point to
	script []plan            // under mu: for the calls to come, in order
	always *plan             // under mu: when the script is over; nil for none
	count  int               // under mu: of answers, for their ids
	kept   map[string][]byte // under mu: answers of Responses by their ids
}

// NewProvider makes a provider.
func NewProvider(o Options) *Provider {
	if o.Name == "" {
		o.Name = "test"
	}
	o.Models = slices.Clone(o.Models)
	return &Provider{o: o, kept: make(map[string][]byte)}
}

// Calls are those received so far, in order. The slice is the caller's.
func (p *Provider) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Call, 0, len(p.calls))
	for _, c := range p.calls {
		out = append(out, *c)
	}
	return out
}

// LastCall is the latest call; the zero Call when there was none.
func (p *Provider) LastCall() Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) == 0 {
		return Call{}
	}
	return *p.calls[len(p.calls)-1]
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
	if d := lister(r); d != nil {
		writeJSON(w, http.StatusOK, d.models(p.o.Models))
		return
	}
	d, serve := p.route(r.URL.Path)
	if d == nil {
		http.NotFound(w, r)
		return
	}
	body, err := readBody(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	call := newCall(d, r, body)
	if r.Method != http.MethodPost && call.kept() == "" {
		w.Header().Set("Allow", http.MethodPost)
		writeJSON(w, http.StatusMethodNotAllowed, d.envelope(failure{status: http.StatusMethodNotAllowed, message: "use POST"}))
		return
	}
	fault, id, over := p.receive(r, call)
	defer over()
	s := &session{w: w, r: r, d: d, p: p, call: call, fault: fault, id: id}
	s.serve(serve)
}

// readBody reads it whole, without growing what it reads into if the length is
// known.
func readBody(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 && n < 64<<20 {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r.Body)
	return b.Bytes(), err
}

// receive records a call, and when the caller leaves, until it is over. It
// says what the call meets.
func (p *Provider) receive(r *http.Request, c Call) (f Fault, id string, over func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := &c
	p.calls = append(p.calls, kept)
	p.count++
	look := func(ended bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if kept.Gone.IsZero() && r.Context().Err() != nil {
			kept.Gone = time.Now()
		}
		if ended {
			kept.Ended = time.Now()
		}
	}
	stop := context.AfterFunc(r.Context(), func() { look(false) })
	return p.next(), p.o.Name + strconv.Itoa(p.count), func() {
		stop()
		look(true) // which may know that the caller left before the function above does
	}
}

// refusal says why a call is not answered; status 0 means that it is.
func (p *Provider) refusal(d dialect, r *http.Request, c *Call) failure {
	if given := d.key(r); p.o.APIKey != "" && given != p.o.APIKey {
		return d.badKey(given)
	}
	if len(p.o.Models) > 0 && c.Model != "" && !slices.Contains(p.o.Models, c.Model) {
		return failure{status: http.StatusNotFound, code: "model_not_found", message: "model: " + c.Model}
	}
	return failure{}
}

// answer is what the provider says to a call.
func (p *Provider) answer(c Call) Answer {
	if p.o.Answer != nil {
		return p.o.Answer(&c)
	}
	text := "This is the " + p.o.Name + " provider with the model " + c.Model + ". You said: " + c.LastUserText
	return Answer{Text: text, Usage: Usage{Input: estimate(c.Body), Output: len(text)/4 + 1}}
}
