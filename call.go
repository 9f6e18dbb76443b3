package routex

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// A call is one call on its way through the pipeline.
type call struct {
	t     *Transport
	s     *snapshot
	req   *http.Request // the caller's; never changed
	ctx   context.Context
	span  trace.Span
	start time.Time

	left    atomic.Bool                             // the caller has closed the answer
	closing atomic.Bool                             // the transport is closing and will wait no longer
	current atomic.Pointer[attempt]                 // the attempt under way, for the one who closes
	beside  atomic.Pointer[attempt]                 // the one that current was begun beside
	pausing atomic.Pointer[context.CancelCauseFunc] // the pause between two attempts

	endpoint endpoint
	dialect  transform.Dialect
	asked    asked
	size     int64                  // of the caller's body
	upload   *upload                // the body, when it is not read here
	tunnel   atomic.Pointer[tunnel] // what the connection has become, for the one who closes
	body     lease
	kept     bool // a stream ends the lease
	view     *router.Request
	mu       sync.Mutex // for elsewhere: what plan knows of options that were tried, again, and the number of attempts
	plan     plan
	again    []*option      // the channels to ask once more, before any other
	final    bool           // a failure of a hedged call leaves no other way
	rested   time.Duration  // in all
	last     *http.Response // the latest error answer of an upstream
	lastAt   int            // the attempt that it came from, in d.Attempts
	times    times
	record   *Record // nil when nobody asked
	d        Decision
	settled  bool                 // the Decision is complete
	traced   bool                 // the span has begun
	params   []attribute.KeyValue // what the span says of the body
	about    *transform.About     // what the answer tells of itself; nil unless the span wants it
	bill     bill
	said     *capture // nil unless a sink wants to know
	shadow   *channel // gets a copy of the call; nil for none
	explains bool     // nobody is asked, and nothing is taken

	attempts [1]Attempt // where d.Attempts usually fits
	drawn    []uint64   // turns that an explanation has looked at, by their place in t.turns
	counted  int        // the estimate of its input tokens, if somebody asked for it
}

func newCall(t *Transport, s *snapshot, req *http.Request, e endpoint) *call {
	c := &call{t: t, s: s, req: req, endpoint: e, dialect: e.dialect, start: time.Now(), record: recordOf(req.Context())}
	c.asked = readURL(e.dialect, req.URL)
	c.ctx = req.Context()
	c.d = Decision{Time: c.start, Dialect: e.dialect, Path: req.URL.Path}
	c.d.Copy, _ = req.Context().Value(copyKey{}).(bool)
	c.d.Caller, _ = req.Context().Value(callerKey{}).(string)
	c.d.attribute(req.Header)
	c.d.Attempts = c.attempts[:0]
	c.said = s.newCapture(&e, req)
	return c
}

// read takes the whole body and looks at its top level.
func (c *call) read() *transform.Error {
	switch {
	case c.endpoint.kind == passesOn && (isOpaque(c.req) || c.endpoint.takesFile(c.req)):
		return c.takeUpload()
	case c.endpoint.kind != passesOn && c.req.Method != http.MethodPost:
		closeBody(c.req)
		return methodError(c.req.Method)
	}
	body, err := readPayload(c.req, c.s.cfg.MaxBody)
	c.times.read = time.Now()
	if err != nil {
		return bodyRefusal(err, c.s.cfg.MaxBody)
	}
	c.said.ask(body)
	view, err := c.parse(body.bytes)
	if err != nil {
		body.release()
		return badRequest(err.Error())
	}
	c.body.take(body)
	c.size = int64(len(body.bytes))
	c.look(view)
	c.d.Model, c.d.Stream = view.Model, view.Stream
	return nil
}

// look makes a view of the body the one that rules see.
func (c *call) look(view *router.Request) {
	view.Path, view.Header, view.Time = c.req.URL.Path, c.req.Header, c.start
	view.Metadata, _ = c.req.Context().Value(metadataKey{}).(map[string]string)
	c.view = view
}

func (c *call) parse(body []byte) (*router.Request, error) {
	switch {
	case c.endpoint.kind == passesOn:
		return c.parsePassing(body), nil
	case c.dialect == transform.Gemini:
		return router.ParseNamed(body, c.asked.model, c.asked.stream)
	case c.endpoint.kind == countsTokens:
		return router.ParseAny(body)
	}
	return router.Parse(body)
}

// route asks the rules, and lists the channels that may take the call.
func (c *call) route() *transform.Error {
	if bad := c.allow(); bad != nil {
		return bad
	}
	only, bad := c.destined()
	switch {
	case bad != nil:
		return bad
	case only != nil && !c.plan.allowed.channel(only):
		return notAllowed(fmt.Sprintf("channel %q is not allowed", only.Name))
	case only != nil:
		c.plan.only(c.s, only, c.view.Model)
		c.d.Candidates = c.plan.explain(c.start)
		return nil
	}
	choice, err := c.s.router.Route(c.ctx, c.view)
	if err != nil && !errors.Is(err, router.ErrNoRoute) {
		return c.declined(err)
	}
	if c.s.cfg.Router != nil {
		choice = own(choice)
	}
	c.d.RuleID, c.d.Rule = choice.RuleID, choice.Rule
	c.session()
	c.plan.make(c.s, choice, c.shares(choice), c.view.Model, &c.endpoint)
	c.conversation()
	c.copyTo(choice.Shadow)
	c.d.Candidates = c.plan.explain(c.start)
	switch {
	case c.plan.claimed(), c.endpoint.kind == countsTokens: // which are estimated here
		return nil
	case c.view.Model == "":
		return noProtocol(c.d.Path)
	}
	return unknownModel(c.view.Model)
}

// declined is what a caller is told whose call a router refuses.
func (c *call) declined(err error) *transform.Error {
	if denied, ok := errors.AsType[*router.DeniedError](err); ok {
		c.d.RuleID, c.d.Rule = strings.Clone(denied.RuleID), strings.Clone(denied.Rule)
		return &transform.Error{Status: http.StatusForbidden, Code: "denied_by_rule", Message: strings.Clone(denied.Message)}
	}
	if own, ok := errors.AsType[*transform.Error](err); ok {
		return own
	}
	return badRequest(strings.Clone(err.Error()))
}

// shares gives the channels of a choice in the order in which the call prefers
// them. Without a session, its turn decides which has its share.
func (c *call) shares(choice router.Choice) []string {
	switch {
	case len(choice.Weights) == 0:
		return choice.Channels
	case c.d.Affinity != nil:
		return choice.Order(c.d.Affinity.Key, 0)
	}
	_, random := c.draw(hashOf(choice.Channels...))
	return choice.Order("", random)
}

// own copies what a Router may have cut from the body, whose memory is used
// again while the Decision lives on.
func own(choice router.Choice) router.Choice {
	choice.Model, choice.RuleID, choice.Rule = strings.Clone(choice.Model), strings.Clone(choice.RuleID), strings.Clone(choice.Rule)
	choice.Shadow = strings.Clone(choice.Shadow)
	choice.Channels, choice.Weights = slices.Clone(choice.Channels), slices.Clone(choice.Weights)
	for i, ref := range choice.Channels {
		choice.Channels[i] = strings.Clone(ref)
	}
	return choice
}
