package routex

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform"
)

// ErrNotRouted is given by [Transport.Explain] for a request that RoundTrip
// would send on untouched.
var ErrNotRouted = errors.New("routex: the request is none that is routed")

// Explain gives the Decision that the next call like req would come to, and
// asks nobody: what a rule, the balancer, the session and the state of the
// channels make of it now. It takes nothing from the calls to come; the one
// made next, if nothing changes before, does exactly what it says.
//
// Beside what every Decision has it tells the verdict of each rule, also of a
// [router.Rules] that is the Config's Router, the order in which channels would
// be asked if each failed, and the losses that the first would mean. There are
// no attempts. Status, Class and Error are set when the call would be refused
// before anybody is asked.
//
// Explain reads req's body whole and puts a new one in its place, so that req
// can be sent afterwards. The error is [ErrNotRouted], or that of the body.
func (t *Transport) Explain(req *http.Request) (*Decision, error) {
	return t.explain(req, endpointOf(req, false))
}

func (t *Transport) explain(req *http.Request, e endpoint) (*Decision, error) {
	s := t.current.Load()
	if e.passesBy(s) || s.cfg.Match != nil && !s.cfg.Match(req) {
		return nil, ErrNotRouted
	}
	looked, err := lookedAt(req)
	if err != nil {
		return nil, err
	}
	c := newCall(t, s, looked, e)
	c.explains = true
	c.beginSpan()
	defer c.body.end()
	if bad := c.read(); bad != nil {
		return c.explainRefusal(bad), nil
	}
	bad := c.route()
	c.d.Rules, c.d.Tokens = c.verdicts(), int64(c.view.Tokens())
	if bad != nil {
		return c.explainRefusal(bad), nil
	}
	now := time.Now()
	c.order(now)
	if o, until := c.plan.resting(now); len(c.d.Order) == 0 && c.mayRest() && o != nil && until.Sub(now) <= maxRest {
		c.d.Wait = until.Sub(now)
		c.order(until)
	}
	if len(c.d.Order) == 0 && e.kind != countsTokens {
		return c.explainRefusal(c.unavailable()), nil
	}
	return c.d.clone(), nil
}

// verdicts are those of the rules in the order in which they are asked: those of
// a Router that tells them come before the Config's.
func (c *call) verdicts() []router.Verdict {
	var out []router.Verdict
	if own, ok := c.s.cfg.Router.(interface {
		Explain(r *router.Request) []router.Verdict
	}); ok {
		out = own.Explain(c.view)
	}
	return append(out, c.s.rules.Explain(c.view)...)
}

// lookedAt gives a copy of the request with a body of its own.
func lookedAt(req *http.Request) (*http.Request, error) {
	out := req.WithContext(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return out, nil
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	req.Body, out.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	return out, nil
}

func (c *call) explainRefusal(e *transform.Error) *Decision {
	c.d.Status, c.d.Class, c.d.Error = e.StatusFor(c.dialect), classOfRefusal(e), e.Message
	return c.d.clone()
}

// order notes in which order channels would be asked.
func (c *call) order(now time.Time) {
	var first *option
	for {
		o, _ := c.candidate(now)
		if o == nil {
			break
		}
		c.hit(o)
		o.tried = true
		c.d.Order = append(c.d.Order, o.ch.Name)
		if first == nil && c.expects(o) == nil {
			first = o
		}
	}
	if first != nil {
		c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = first.ch.ID, first.ch.Name, first.ch.called(first.model)
	}
}

// expects notes the losses that an attempt at the option would mean, or gives
// why it could not be made.
func (c *call) expects(o *option) error {
	at := &attempt{c: c, o: o, ch: o.ch, model: o.ch.called(o.model), ctx: c.ctx}
	at.change = at.transformer(o.model)
	at.begin()
	err := at.prepare()
	c.d.Losses = at.sent.Losses
	if err != nil {
		return &breaker.Failure{Class: breaker.Caller, Err: err}
	}
	return nil
}
