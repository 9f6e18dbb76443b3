package sim

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// A session is an agent, or a single call.
type session struct {
	w       *world
	id      int // from 0
	traffic *Traffic
	begins  time.Duration
	talk    talk
	heard   int // words so far, the system text included
}

// A turn is one call of a session.
type turn struct {
	session *session
	n       int // from 0
	probe   bool
	copied  bool      // by a rule with a shadow
	until   time.Time // with copied: the deadline
	ctx     context.Context
	closed  atomic.Bool // the caller has closed the answer before its end

	user   string
	answer string // what every attempt is answered with, if same
	words  int    // of the answer
	same   bool
	stream bool
	input  int // tokens
	leaves time.Duration
	closes bool // by Close, not by its context

	attempts []*attempt // under the world's mu
	copies   *turn      // under the world's mu: the copy of the call, if there is one
	warm     int        // tokens of the session that some provider has cached, at most

	result result
	told   string // why it was not served
	by     *attempt
	first  time.Duration // until the answer began
	whole  time.Duration
}

// asked gives the turn that a request belongs to: this one, or the copy that a
// rule sends elsewhere. That has a deadline of its own, and nobody who waits. The
// caller holds mu.
func (t *turn) asked(r *http.Request) *turn {
	if !t.isCopy(r) {
		return t
	}
	if t.copies == nil {
		deadline, _ := r.Context().Deadline()
		t.copies = &turn{
			session: t.session, n: t.n, copied: true, ctx: context.Background(), until: deadline,
			answer: t.answer, words: t.words, same: t.same, stream: t.stream, input: t.input,
		}
	}
	return t.copies
}

// isCopy reports a request of the copy.
func (t *turn) isCopy(r *http.Request) bool {
	own, _ := t.ctx.Deadline()
	deadline, _ := r.Context().Deadline()
	return !deadline.Equal(own)
}

// gone reports that nobody waits for the answer any more.
func (t *turn) gone() bool { return t.ctx.Err() != nil || t.copied && !time.Now().Before(t.until) }

// A result is what became of a call, for its caller.
type result string

const (
	served  result = "served"
	broke   result = "broke"   // after a part of the answer, with an error
	refused result = "refused" // with an error status
	late    result = "late"    // the caller's deadline passed
	left    result = "left"    // the caller left
)

// plan gives the sessions of the traffic in the order in which they begin.
func (w *world) plan() []*session {
	var all []*session
	for i := range w.s.Traffic {
		tr := &w.s.Traffic[i]
		r := chance(w.seed, forArrivals, i)
		at := time.Duration(0)
		for n := 0; tr.Sessions == 0 || n < tr.Sessions; n++ {
			at += max(time.Duration(r.ExpFloat64()*float64(tr.Every)), 1)
			if at >= w.s.Length {
				break
			}
			all = append(all, &session{w: w, traffic: tr, begins: at})
		}
	}
	number(all)
	for _, s := range all {
		r := chance(w.seed, forSession, s.id)
		tr := s.traffic
		s.talk = talk{
			dialect: tr.Protocols[r.IntN(len(tr.Protocols))],
			model:   tr.Model,
			system:  instructions(tr.System, s.id+1),
		}
		s.heard = count(s.talk.system)
	}
	return all
}

// play makes the calls of the session, one after the other.
func (s *session) play(ctx context.Context) {
	for n := range s.traffic.Turns {
		r := chance(s.w.seed, forTurn, s.id, n)
		if n > 0 && s.w.clock.wait(ctx, s.traffic.Think.draw(r)) != nil {
			return
		}
		t := &turn{session: s, n: n, same: s.traffic.SameWords}
		t.user = strconv.Itoa(s.id+1) + " " + say(around(s.traffic.Prompt, r), r)
		t.words = around(s.traffic.Answer, r)
		t.answer = say(t.words, r)
		t.stream = r.Float64() >= s.traffic.Whole
		t.input = s.heard + count(t.user)
		if drawn := r.Float64(); drawn < s.traffic.HangUps {
			t.leaves = time.Duration(r.Float64() * float64(8*time.Second))
			t.closes = r.IntN(2) == 0
		}
		text := s.w.call(ctx, t)
		s.w.tell(t)
		if t.result != served {
			continue
		}
		s.talk.add(t.user, text)
		s.heard = t.input + count(text)
	}
}
