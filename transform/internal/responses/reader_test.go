package responses

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A frame is one event of a stream.
type frame struct{ name, data string }

func frames(lines ...string) []frame {
	out := make([]frame, 0, len(lines))
	for _, l := range lines {
		out = append(out, frame{gjson.Get(l, "type").Str, l})
	}
	return out
}

// decode gives what a decoder tells of the frames. The memory of a frame is
// overwritten after its call, as that of a reader would be.
func decode(in []frame, pass func(*conv.Event)) error {
	d := NewDecoder()
	for _, f := range in {
		data := []byte(f.data)
		if err := d.Event([]byte(f.name), data, pass); err != nil {
			return err
		}
		for i := range data {
			data[i] = '#'
		}
	}
	return d.Close(pass)
}

// encode gives the frames that an encoder makes of events.
func encode(o conv.EncoderOptions, events []conv.Event) (out []frame) {
	e := NewEncoder(o)
	emit := func(name string, data []byte) { out = append(out, frame{name, string(data)}) }
	for i := range events {
		e.Event(&events[i], emit)
	}
	e.Close(emit)
	return out
}

// A strict reader checks a stream as a client would that believes in the
// order of events, and keeps what it tells.
type strict struct {
	t     testing.TB
	items []*told
	whole gjson.Result // the last event's answer
	end   string
}

type told struct {
	item  gjson.Result // as it was when done
	id    string
	parts []string
	open  bool // a part is
	args  string
	done  bool
}

func readStrictly(t testing.TB, in []frame) *strict {
	t.Helper()
	s := &strict{t: t}
	for i, f := range in {
		if s.end != "" && s.end != "error" {
			t.Fatalf("event %d after the end: %s", i, f.data)
		}
		v := gjson.Parse(f.data)
		if !gjson.Valid(f.data) || v.Get("type").Str != f.name || int(v.Get("sequence_number").Int()) != i {
			t.Fatalf("event %d: bad event %q: %s", i, f.name, f.data)
		}
		if first := [...]string{"response.created", "response.in_progress"}; i < 2 && f.name != first[i] && f.name != "error" && f.name != "response.failed" {
			t.Errorf("event %d is %s", i, f.name)
		}
		s.event(strings.TrimPrefix(f.name, "response."), v)
	}
	return s
}

func (s *strict) event(name string, v gjson.Result) {
	index := int(v.Get("output_index").Int())
	switch name {
	case "created", "in_progress":
		return
	case "completed", "incomplete", "failed", "error":
		s.finish(name, v)
		return
	case "output_item.added":
		if index != len(s.items) {
			s.t.Fatalf("item %d is not the next: %s", index, v.Raw)
		}
		s.items = append(s.items, &told{id: v.Get("item.id").Str})
		return
	}
	if index >= len(s.items) || s.items[index].done {
		s.t.Fatalf("no such item is open: %s", v.Raw)
	}
	it := s.items[index]
	if name == "output_item.done" {
		s.itemDone(it, v.Get("item"))
		return
	}
	if v.Get("item_id").Str != it.id {
		s.t.Errorf("another id than %s: %s", it.id, v.Raw)
	}
	it.event(s.t, name, v)
}

func (it *told) event(t testing.TB, name string, v gjson.Result) {
	part := int(v.Get("content_index").Int() + v.Get("summary_index").Int())
	last := len(it.parts) - 1
	switch name {
	case "content_part.added", "reasoning_summary_part.added":
		if it.open || part != len(it.parts) {
			t.Fatalf("part %d is not the next: %s", part, v.Raw)
		}
		it.parts, it.open = append(it.parts, ""), true
	case "output_text.delta", "refusal.delta", "reasoning_summary_text.delta":
		if !it.open || part != last {
			t.Fatalf("part %d is not open: %s", part, v.Raw)
		}
		it.parts[part] += v.Get("delta").Str
	case "output_text.done", "refusal.done", "reasoning_summary_text.done":
		if text := v.Get("text").Str + v.Get("refusal").Str; !it.open || text != it.parts[part] {
			t.Errorf("told %q and then %s", it.parts[part], v.Raw)
		}
	case "content_part.done", "reasoning_summary_part.done":
		if text := v.Get("part.text").Str + v.Get("part.refusal").Str; !it.open || part != last || text != it.parts[part] {
			t.Errorf("told %q and then %s", it.parts[part], v.Raw)
		}
		it.open = false
	case "function_call_arguments.delta", "custom_tool_call_input.delta":
		it.args += v.Get("delta").Str
	case "function_call_arguments.done", "custom_tool_call_input.done":
		if text := v.Get("arguments").Str + v.Get("input").Str; text != it.args {
			t.Errorf("told %q and then %s", it.args, v.Raw)
		}
	default:
		t.Errorf("unknown event %s", v.Raw)
	}
}

// itemDone checks that a finished item holds what was told of it.
func (s *strict) itemDone(it *told, item gjson.Result) {
	it.item, it.done = item, true
	var parts []string
	for _, list := range []string{"content", "summary"} {
		for _, p := range item.Get(list).Array() {
			parts = append(parts, p.Get("text").Str+p.Get("refusal").Str)
		}
	}
	args := item.Get("arguments").Str + item.Get("input").Str
	if it.open || fmt.Sprint(parts) != fmt.Sprint(it.parts) || args != it.args || item.Get("id").Str != it.id {
		s.t.Errorf("told %q, %q and then %s", it.parts, it.args, item.Raw)
	}
}

// finish checks that the last event repeats the items that were told.
func (s *strict) finish(name string, v gjson.Result) {
	s.end = name
	if name == "error" {
		return
	}
	s.whole = v.Get("response")
	if status := s.whole.Get("status").Str; status != name {
		s.t.Errorf("%s with the status %s", name, status)
	}
	output := s.whole.Get("output").Array()
	for _, it := range s.items {
		switch {
		case !it.done && name == "failed":
		case !it.done || len(output) == 0 || output[0].Raw != it.item.Raw:
			s.t.Errorf("item %s is not what was told", it.id)
		default:
			output = output[1:]
		}
	}
	if len(output) > 0 {
		s.t.Errorf("items that were not told: %v", output)
	}
}
