package transform

import (
	"context"
	"slices"
)

// Chain composes transformers. The first is nearest to the caller: requests
// pass from first to last, answers from last to first.
func Chain(ts ...Transformer) Transformer {
	if len(ts) == 1 {
		return ts[0]
	}
	return chain(ts)
}

type chain []Transformer

func (c chain) Request(ctx context.Context, r *Request) error {
	for _, t := range c {
		if err := t.Request(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (c chain) Response(ctx context.Context, r *Response) error {
	for _, t := range slices.Backward(c) {
		if err := t.Response(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (c chain) Stream(ctx context.Context, r *Response) Stream {
	var s Stream
	for _, t := range slices.Backward(c) {
		s = Then(s, t.Stream(ctx, r))
	}
	return s
}

// Then gives a stream whose events pass first through a, then through b. A nil
// one lets everything pass; two of them give nil.
func Then(a, b Stream) Stream {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	t := &then{first: a, second: b}
	t.middle = func(ev Event) {
		if t.err == nil {
			t.err = t.second.Event(ev, t.emit)
		}
	}
	return t
}

type then struct {
	first, second Stream
	middle        func(Event) // made once, so that an event costs no closure
	emit          func(Event) // of the call that is running
	err           error       // of second, during that call
}

func (t *then) Event(ev Event, emit func(Event)) error {
	t.emit = emit
	if err := t.first.Event(ev, t.middle); err != nil {
		return err
	}
	return t.err
}

func (t *then) Close(emit func(Event)) error {
	t.emit = emit
	if err := t.first.Close(t.middle); err != nil {
		return err
	}
	if t.err != nil {
		return t.err
	}
	return t.second.Close(emit)
}
