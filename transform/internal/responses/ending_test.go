package responses

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// watched gives the last event that is supplied for a stream, "" for none. The
// memory of an event is overwritten after its call, as that of a reader would
// be.
func watched(in []frame) string {
	var w Watch
	for _, f := range in {
		data := []byte(f.data)
		w.Look([]byte(f.name), data)
		for i := range data {
			data[i] = '#'
		}
	}
	name, data := w.End(nil)
	if (name == "response.completed") != (data != nil) {
		panic("name " + name)
	}
	return string(data)
}

// A strict reader takes the event that is supplied, and finds the same in it as
// in the one that is missing.
func TestMissingEndIsSupplied(t *testing.T) {
	for name, events := range map[string][]conv.Event{
		"a text":          {start, said("hello "), said("you"), finish(conv.StopEnd), end},
		"a refusal":       {start, {Kind: conv.RefusalDelta, Text: `"no"`}, finish(conv.StopRefusal), end},
		"reasoning first": {start, reasoned("because"), said("so"), finish(conv.StopEnd), end},
		"two calls":       {start, said("see"), called(0, "c1", "f"), args(0, `{"x":1.0}`), called(1, "c2", "g"), args(1, "{}"), finish(conv.StopTool), end},
		"text for a tool": {start, called(0, "c1", "p"), args(0, `{"input":"a\nb"}`), finish(conv.StopTool), end},
	} {
		t.Run(name, func(t *testing.T) {
			whole := encode(conv.EncoderOptions{Freeform: []string{"p"}}, events)
			last := len(whole) - 1
			supplied := watched(whole[:last])
			readStrictly(t, append(whole[:last:last], frame{"response.completed", supplied}))
			want := gjson.Get(whole[last].data, "response")
			got := gjson.Get(supplied, "response")
			for _, member := range []string{"id", "object", "created_at", "status", "model", "output", "error", "incomplete_details", "tools", "metadata"} {
				if got.Get(member).Raw != want.Get(member).Raw {
					t.Errorf("%s is %s, want %s", member, got.Get(member).Raw, want.Get(member).Raw)
				}
			}
			if got.Get("usage").Raw != "null" {
				t.Errorf("usage that nobody told: %s", got.Get("usage").Raw)
			}
			var told, want2 tell
			if err := decode(whole[:last], told.event); err != nil {
				t.Fatal(err)
			}
			if err := decode(whole, want2.event); err != nil {
				t.Fatal(err)
			}
			if told.b.String() != want2.b.String() {
				t.Errorf("decoded\n%s\nwant\n%s", told.b.String(), want2.b.String())
			}
		})
	}
}

func TestOnlyWholeAnswersGetAnEnd(t *testing.T) {
	added := func(i int, item string) string {
		return fmt.Sprintf(`{"type":"response.output_item.added","output_index":%d,"item":%s}`, i, item)
	}
	done := func(i int, item string) string {
		return fmt.Sprintf(`{"type":"response.output_item.done","output_index":%d,"item":%s}`, i, item)
	}
	const (
		text   = `{"type":"message","status":"completed","content":[{"type":"output_text","text":"hello"}]}`
		why    = `{"type":"reasoning","summary":[]}`
		search = `{"type":"web_search_call","status":"completed"}`
		call   = `{"type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"}`
	)
	for name, c := range map[string]struct {
		in       []string
		complete bool
	}{
		"nothing":                       {nil, false},
		"a start":                       {[]string{created}, false},
		"a message":                     {[]string{created, textAdded, textDelta, textDone}, true},
		"a message that is open":        {[]string{created, textAdded, textDelta}, false},
		"a text of which no item tells": {[]string{created, textDelta}, false},
		"a message told at once":        {[]string{created, done(0, text)}, true},
		"no start":                      {[]string{done(0, text)}, true},
		"a call":                        {[]string{created, done(0, why), done(1, call)}, true},
		"a call for a machine":          {[]string{created, done(0, `{"type":"computer_call","call_id":"c"}`)}, true},
		"reasoning last":                {[]string{created, done(0, text), done(1, why)}, false},
		"a tool of the server last":     {[]string{created, done(0, text), done(1, search)}, false},
		"a tool of the server before":   {[]string{created, done(0, search), done(1, text)}, true},
		"an item open before the last":  {[]string{created, added(0, call), added(1, call), done(1, call)}, false},
		"done out of order":             {[]string{created, added(0, call), added(1, call), done(1, call), done(0, call)}, true},
		"what the model is going to do": {[]string{created, done(0, strings.Replace(text, "{", `{"phase":"commentary",`, 1))}, false},
		"what it has to say":            {[]string{created, done(0, strings.Replace(text, "{", `{"phase":"final_answer",`, 1))}, true},
		"a message cut off":             {[]string{created, done(0, strings.Replace(text, "completed", "incomplete", 1))}, false},
		"an empty message":              {[]string{created, done(0, `{"type":"message","content":[]}`)}, false},
		"half of the arguments":         {[]string{created, done(0, strings.Replace(call, `"{}"`, `"{\"a\":"`, 1))}, false},
		"no arguments":                  {[]string{created, done(0, strings.Replace(call, `"{}"`, `""`, 1))}, true},
		"arguments as an object":        {[]string{created, done(0, strings.Replace(call, `"{}"`, `{"a":1}`, 1))}, true},
		"an item without itself":        {[]string{created, `{"type":"response.output_item.done","output_index":0}`}, false},
		"no indexes":                    {[]string{created, `{"type":"response.output_item.added","item":` + text + `}`, `{"type":"response.output_text.delta","delta":"hello"}`, `{"type":"response.output_item.done","item":` + text + `}`}, true},
		"an error":                      {[]string{created, done(0, text), `{"type":"error","message":"oh"}`}, false},
		"a broken event amid it":        {[]string{created, "{", done(0, text)}, true},
		"a broken event at last":        {[]string{created, done(0, text), `{"type":"response.inc`}, false},
		"the mark of others":            {[]string{created, done(0, text), "[DONE]"}, true},
		"more than is kept":             {[]string{created, done(0, why), done(1, strings.Replace(text, "hello", strings.Repeat("x", maxKept), 1))}, false},
		"a start that is too much":      {[]string{strings.Replace(created, `"model":"m"`, `"model":"m","instructions":"`+strings.Repeat("x", maxKept)+`"`, 1), done(0, text)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := watched(frames(c.in...))
			if (got != "") != c.complete || got != "" && !gjson.Valid(got) {
				t.Errorf("the end that is supplied is %.500q", got)
			}
			if strings.Contains(name, "too much") || strings.Contains(name, "more than") {
				return // a decoder keeps nothing
			}
			var w tell
			err := decode(frames(c.in...), w.event)
			failed := strings.Contains(w.b.String(), " failed(")
			if errors.Is(err, conv.ErrTruncated) != (!c.complete && !failed) || strings.HasSuffix(w.b.String(), " end") != c.complete {
				t.Errorf("decoded as %q, %v", w.b.String(), err)
			}
		})
	}
}

func TestSuppliedEndIsNumbered(t *testing.T) {
	for want, in := range map[int64][]string{
		5:  {created, textAdded, textDelta, textDone}, // the fourth says that it is number 4
		2:  {strings.Replace(created, `"sequence_number":0,`, "", 1), textDone},
		42: {strings.Replace(created, `"sequence_number":0`, `"sequence_number":41`, 1), textDone},
	} {
		if got := gjson.Get(watched(frames(in...)), "sequence_number"); got.Int() != want {
			t.Errorf("number %s, want %d", got.Raw, want)
		}
	}
}

func TestItemsAreSuppliedInTheirOrder(t *testing.T) {
	item := func(i int) string {
		return fmt.Sprintf(`{"type":"response.output_item.done","output_index":%d,"item":{"type":"function_call","call_id":"c%d","name":"f","arguments":"{}","own":1.50}}`, i, i)
	}
	got := gjson.Get(watched(frames(created, item(2), item(0), item(1))), "response.output.#.call_id").Raw
	if got != `["c0","c1","c2"]` {
		t.Errorf("the items are %s", got)
	}
	if out := watched(frames(created, item(0))); !strings.Contains(out, `"own":1.50`) {
		t.Errorf("an item is changed: %s", out)
	}
}

func TestEstimateIsMarkedAsOne(t *testing.T) {
	var w Watch
	for _, in := range []string{created, textDone} {
		w.Look(nil, []byte(in))
	}
	_, data := w.End(&conv.Usage{Input: 3, Output: 4})
	u := gjson.GetBytes(data, "response.usage")
	if u.Get("input_tokens").Int() != 3 || u.Get("output_tokens").Int() != 4 || u.Get("total_tokens").Int() != 7 || !u.Get("estimated").Bool() {
		t.Errorf("usage %s", u.Raw)
	}
}

func TestEndIsNotSuppliedTwice(t *testing.T) {
	if got := watched(frames(created, textAdded, textDelta, textDone, completed)); got != "" {
		t.Errorf("after the end: %s", got)
	}
}
