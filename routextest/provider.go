package routextest

import (
	"io"
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
	calls  []Call            // under mu
	script []Fault           // under mu: for the calls to come, in order
	always *Fault            // under mu: when the script is over; nil for none
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
	if d := lister(r); d != nil {
		writeJSON(w, http.StatusOK, d.models(p.o.Models))
		return
	}
	d, serve := p.route(r.URL.Path)
	if d == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	call := newCall(d, r, body)
	if r.Method != http.MethodPost && call.kept() == "" {
		w.Header().Set("Allow", http.MethodPost)
		writeJSON(w, http.StatusMethodNotAllowed, d.failure(http.StatusMethodNotAllowed, "", "use POST"))
		return
	}
	fault, id := p.receive(call)
	s := &session{w: w, r: r, d: d, p: p, call: call, fault: fault, id: id}
	s.serve(serve)
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
func (p *Provider) refusal(d dialect, r *http.Request, c Call) (status int, code, message string) {
	if given := d.key(r); p.o.APIKey != "" && given != p.o.APIKey {
		return d.badKey(given)
	}
	if len(p.o.Models) > 0 && c.Model != "" && !slices.Contains(p.o.Models, c.Model) {
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
	return Answer{Text: text, Usage: Usage{Input: estimate(c.Body), Output: len(text)/4 + 1}}
}
