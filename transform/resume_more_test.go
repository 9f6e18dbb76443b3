package transform_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// cutAfter streams the events of an answer up to the last that has the mark.
func cutAfter(t *testing.T, w way, a *answer, mark string) (*transform.Ledger, string) {
	t.Helper()
	events := frames(w.channel, a)
	last := -1
	for i, ev := range events {
		if strings.Contains(ev, mark) {
			last = i
		}
	}
	if last < 0 {
		t.Fatalf("nothing has %s", mark)
	}
	l := transform.NewLedger(w.caller)
	before, err := attempt(t, w, strings.Join(events[:last+1], ""), true, l)
	if !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	return l, before
}

// splice goes on with an answer to the same question.
func splice(t *testing.T, l *transform.Ledger, w way, text string) string {
	t.Helper()
	r, err := l.Resume([]byte(ask1(w.caller)), transform.Splice)
	if err != nil {
		t.Fatal(err)
	}
	after, err := attempt(t, w, text, false, r, l)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// A text that was told to be complete has more after it if another model says
// more.
func TestResumeBehindAClosedText(t *testing.T) {
	a := first("text")
	longer := *a
	longer.text = append(slices.Clone(a.text), " And more.")
	for _, c := range []struct {
		d    transform.Dialect
		mark string
	}{
		{messages, `"content_block_stop"`},
		{responses, `"response.output_text.done"`},
		{responses, `"response.content_part.done"`},
		{responses, `"response.output_item.done"`},
	} {
		w := way{caller: c.d, channel: c.d}
		l, before := cutAfter(t, w, a, c.mark)
		after := splice(t, l, w, strings.Join(frames(c.d, &longer), ""))
		if got := readStrictly(t, c.d, before+after); got.text != whole+" And more." {
			t.Errorf("%s: %+v", c.mark, got)
		}
	}
}

// What the first provider said of the answer as a whole holds to its end.
func TestResumeKeepsTheNames(t *testing.T) {
	a := first("text")
	for _, d := range transform.Dialects() {
		w := way{caller: d, channel: d}
		l, _ := cutAfter(t, w, a, `brown "`)
		events := lines(strings.ReplaceAll(splice(t, l, w, strings.Join(frames(d, a), "")), "\r", ""))
		switch last := events[len(events)-1]; d {
		case chat:
			want(t, "tier", events[0].Get("service_tier").Str, "default")
			want(t, "fingerprint", events[0].Get("system_fingerprint").Str, "fp_1")
		case responses:
			want(t, "instructions", last.Get("response.instructions").Str, "Be brief.")
			want(t, "metadata", last.Get("response.metadata").Raw, `{"k":"v"}`)
			want(t, "null", last.Get("response.user").Raw, "null")
			for _, name := range []string{"status", "output", "usage", "error", "incomplete_details"} {
				want(t, name, strings.Count(last.Get("response").Raw, `"`+name+`":`) > 0, true)
			}
			var members int
			seen := map[string]bool{}
			last.Get("response").ForEach(func(key, _ gjson.Result) bool { members++; seen[key.Str] = true; return true })
			want(t, "each member once", members, len(seen))
		}
	}
}

// What providers want back is told as if nothing had happened.
func TestResumeKeepsSignatures(t *testing.T) {
	a := first("tool")
	a.reasoning = []string{"hm"}
	for _, caller := range transform.Dialects() {
		for _, channel := range transform.Dialects() {
			w := way{caller: caller, channel: channel, model: "gemini-3-pro-preview", target: transform.Target{Provider: "one"}}
			uncut, err := attempt(t, w, strings.Join(frames(channel, a), ""), false)
			if err != nil {
				t.Fatal(err)
			}
			l := transform.NewLedger(caller) // of an answer that died before it said anything
			out := splice(t, l, w, strings.Join(frames(channel, a), ""))
			for _, path := range []string{
				"delta.signature", "choices.0.delta.reasoning_details.0.signature", "choices.0.delta.tool_calls.0.id", "item.encrypted_content", "item.call_id",
				"candidates.0.content.parts.0.thoughtSignature", "content_block.id",
			} {
				if caller == responses && channel == responses && path == "item.encrypted_content" {
					continue // its item has another id, for which it would not be taken back
				}
				if got, want := all(out, path), all(uncut, path); got != want {
					t.Errorf("%s over %s: %s: got %s, want %s", caller, channel, path, got, want)
				}
			}
		}
	}
}

// all gives what the events of a stream have there.
func all(stream, path string) (out string) {
	for _, v := range lines(strings.ReplaceAll(stream, "\r", "")) {
		if v := v.Get(path); v.Exists() && v.Str != "" {
			out += " " + v.Str
		}
	}
	return out
}

// The tokens of the first part are counted where the channel does not.
func TestResumeCountsOnce(t *testing.T) {
	for _, c := range []struct {
		mode transform.ResumeMode
		more []string
		want int64
	}{
		{transform.Splice, contents(opening, "He."), 5},
		{transform.Continue, contents(" He."), 12},
		{transform.Continue, contents(opening, "He."), 5}, // it began anew
	} {
		l, _ := begun(t, opening)
		r, err := l.Resume([]byte(ask1(chat)), c.mode)
		if err != nil {
			t.Fatal(err)
		}
		r.AddOutput(7)
		var out string
		emit := func(ev transform.Event) { out += "data: " + string(ev.Data) + "\n\n" }
		for _, delta := range c.more {
			_ = r.Event(transform.Event{Data: []byte(chunk(delta, ""))}, emit)
		}
		_ = r.Event(transform.Event{Data: []byte(done("stop"))}, emit)
		_ = r.Event(transform.Event{Data: []byte(`{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}`)}, emit)
		if err := r.Close(emit); err != nil {
			t.Fatal(err)
		}
		want(t, "output", lines(out)[len(lines(out))-2].Get("usage.completion_tokens").Int(), c.want)
	}
}

// An error in place of the second answer is no event of the caller's stream
// until the two have met.
func TestResumeAndErrors(t *testing.T) {
	for _, c := range []struct {
		deltas []string
		told   bool
	}{
		{nil, false},
		{contents("Once"), false},
		{contents(opening), true},
		{contents(opening, "He"), true},
	} {
		l, _ := begun(t, opening)
		r, err := l.Resume([]byte(ask1(chat)), transform.Splice)
		if err != nil {
			t.Fatal(err)
		}
		var out string
		emit := func(ev transform.Event) { out += string(ev.Data) }
		for _, delta := range c.deltas {
			_ = r.Event(transform.Event{Data: []byte(chunk(delta, ""))}, emit)
		}
		err = r.Event(transform.Event{Data: []byte(`{"error":{"message":"busy","code":503}}`)}, emit)
		want(t, "told", strings.Contains(out, "busy"), c.told)
		e, failed := errors.AsType[*transform.Error](err)
		want(t, "given", failed && e.Message == "busy", !c.told)
		want(t, "joined", r.Joined(), c.told)
	}
}

// A second answer that dies, too, is no complete one.
func TestResumedStreamsAreTruncatedToo(t *testing.T) {
	for _, c := range []struct {
		deltas []string
		want   error
	}{{contents("Once"), transform.ErrTruncated}, {contents(opening, "He"), transform.ErrTruncated}, {append(contents(opening), "=stop"), nil}} {
		l, _ := begun(t, opening)
		out, err := goOn(t, l, transform.Splice, c.deltas...)
		if !errors.Is(err, c.want) {
			t.Errorf("%v %s", err, out)
		}
	}
}

func TestResumeTellsWhatItLoses(t *testing.T) {
	l, _ := begun(t, opening)
	r, err := l.Resume([]byte(ask1(chat)), transform.Splice)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Event(transform.Event{Data: []byte(chunk(`{"annotations":[{"type":"url_citation"}]}`, ""))}, func(transform.Event) {})
	want(t, "losses", len(r.Losses()) == 1 && r.Losses()[0].Field == "answer.annotations", true)
}

// Where nobody can go on, the Ledger says so, and why.
func TestCanGoOn(t *testing.T) {
	for _, c := range []struct {
		deltas []string
		ok     bool
		over   bool
		inText bool
	}{
		{nil, true, false, false},
		{contents("a"), true, false, true},
		{[]string{`{"reasoning_content":"hm"}`}, false, false, false},
		{append([]string{`{"reasoning_content":"hm"}`}, contents("a")...), true, false, true},
		{append(contents("a"), `{"reasoning_content":"hm"}`), false, false, false},
		{append(contents("a"), `{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}`), false, true, false},
		{append(contents("a"), call), false, true, false},
		{[]string{`{"refusal":"no"}`}, false, true, false},
		{append(contents("a"), `{"annotations":[{"type":"url_citation"}]}`), false, true, false},
		{append(contents("a"), "=stop"), false, true, false},
		{[]string{`{"content":"a \ud83d"}`}, false, false, true},
		{[]string{`{"content":"a \ud83d"}`, `{"content":"\ude00"}`}, true, false, true},
		{[]string{"{\"content\":\"a \xf0\x9f\"}"}, false, false, true},
	} {
		l, _ := begun(t)
		for _, delta := range c.deltas {
			data := chunk(delta, "")
			if reason, ok := strings.CutPrefix(delta, "="); ok {
				data = done(reason)
			}
			_ = l.Event(transform.Event{Data: []byte(data)}, func(transform.Event) {})
		}
		inText := l.InText()
		if ok, why := l.CanGoOn(); ok != c.ok || ok != (why == "") || inText != c.inText || l.Over() != c.over {
			t.Errorf("%s: %v %q, in text: %v, over: %v", c.deltas, ok, why, inText, l.Over())
		}
		l.Release()
	}
}
