package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A sample is how long requests took, and what went wrong.
type sample struct {
	mu     sync.Mutex
	took   []time.Duration // of those that succeeded
	failed int
	first  error
}

func (s *sample) add(took time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.took = append(s.took, took)
		return
	}
	s.failed++
	if s.first == nil {
		s.first = err
	}
}

// String tells the sample in a line.
func (s *sample) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.took) == 0 {
		return fmt.Sprintf("none succeeded: %v", s.first)
	}
	slices.Sort(s.took)
	at := func(share float64) time.Duration {
		return s.took[int(share*float64(len(s.took)-1))].Round(10 * time.Microsecond)
	}
	line := fmt.Sprintf("%d succeeded, %d failed, half within %v, 99%% within %v, all within %v", len(s.took), s.failed, at(0.5), at(0.99), at(1))
	if s.first != nil {
		line += fmt.Sprintf(" (%v)", s.first)
	}
	return line
}

// flow sends calls and writes at their rates, and measures each from when it
// was due: one that waits for another counts that too.
func flow(ctx context.Context, s *server, calls, writes int, length time.Duration) (called, written *sample) {
	called, written = new(sample), new(sample)
	var all sync.WaitGroup
	all.Go(func() {
		pace(ctx, calls, length, called, func(int) error { return s.ask(ctx, "POST", "/v1/chat/completions", call, 200) })
	})
	if writes > 0 {
		all.Go(func() { pace(ctx, writes, length, written, func(i int) error { return s.write(ctx, i) }) })
	}
	all.Wait()
	return called, written
}

// pace does something so many times a second, without waiting for the last.
func pace(ctx context.Context, rate int, length time.Duration, into *sample, do func(i int) error) {
	began := time.Now()
	var all sync.WaitGroup
	defer all.Wait()
	for i := range int(length.Seconds() * float64(rate)) {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return
		}
		all.Go(func() {
			err := do(i)
			into.add(time.Since(due), err)
		})
	}
}

// few bounds how many channels and rules there are besides the one that calls
// go to.
const few = 20

// write makes channels and rules, and then changes one after the other.
func (s *server) write(ctx context.Context, i int) error {
	kind, name := i%4, fmt.Sprintf("load-%d", i/4%few)
	switch {
	case kind == 0:
		return s.ask(ctx, "PUT", "/api/channels/load", fmt.Sprintf(`{"weight":%d}`, 1+i%100), 200)
	case kind == 1 && i/4/few == 0:
		return s.ask(ctx, "POST", "/api/channels", fmt.Sprintf(`{"name":%q,"type":"openai","models":["other"],"priority":%d}`, name, i%100), 201)
	case kind == 1:
		return s.ask(ctx, "PUT", "/api/channels/"+name, fmt.Sprintf(`{"priority":%d,"models":["other","%d"]}`, i%100, i), 200)
	case i/4/few == 0:
		return s.ask(ctx, "POST", "/api/routing/rules", fmt.Sprintf(`{"name":"%s-%d","condition":{"keywords":["word %d"]},"targetChannel":"load"}`, name, kind, i), 201)
	}
	return s.ask(ctx, "PUT", fmt.Sprintf("/api/routing/rules/%s-%d", name, kind), fmt.Sprintf(`{"condition":{"keywords":["word %d"]},"enabled":%t}`, i, i%8 < 4), 200)
}
