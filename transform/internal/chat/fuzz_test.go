package chat

import (
	"bytes"
	"errors"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		`{"model":"gpt-5","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}},{"type":"file","file":{"filename":"f","file_data":"data:text/plain;base64,QQ=="}}]}],"temperature":0,"stop":"x"}`,
		`{"model":"kimi-k2.6","messages":[{"role":"assistant","content":null,"refusal":"no","reasoning_content":"r","reasoning_details":[{"type":"reasoning.text","text":"r","signature":"s","index":0}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{"}},{"id":"b","type":"custom","custom":{"name":"g","input":"x"}}]},{"role":"tool","tool_call_id":"a","content":"[tool_error] x"}]}`,
		`{"model":"glm-5.3","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"function":{"name":"f"}}]}},"thinking":{"type":"disabled"},"reasoning":{"max_tokens":5},"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"seed":1,"user":"u"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !gjson.ValidBytes(body) {
			return
		}
		lose := func(field, why string) {
			if why == "" {
				t.Errorf("the loss of %q has no reason", field)
			}
		}
		for _, flavor := range []string{"openai", azure, zhipu, custom} {
			r, err := ReadRequest(body, lose)
			if err != nil {
				return
			}
			r.Target = conv.Target{Provider: provider, Flavor: flavor}
			out, err := WriteRequest(nil, r, lose)
			if err != nil || !gjson.ValidBytes(out) {
				t.Fatalf("%s: %v, not valid JSON: %s", flavor, err, out)
			}
			if _, err := ReadRequest(out, lose); err != nil {
				t.Errorf("%s: what was written cannot be read: %v: %s", flavor, err, out)
			}
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte(`{"choices":[{"message":{"content":[{"type":"thinking","thinking":"r"}],"reasoning":"r","refusal":"x","tool_calls":[{"id":"i","function":{"name":"n","arguments":"{"}},{"custom":{"name":"c"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e9}}`))
	f.Add([]byte(`[{"error":{"message":"m","code":1}}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _, _ = LookBody(body)
		if out := WriteError(nil, ReadError(500, body)); !gjson.ValidBytes(out) {
			t.Errorf("not valid JSON: %s", out)
		}
		r, err := ReadResponse(body)
		if err != nil {
			return
		}
		r.Options.Freeform = []string{"c"}
		out := WriteResponse(nil, r)
		if !gjson.ValidBytes(out) {
			t.Fatalf("not valid JSON: %s", out)
		}
		if _, err := ReadResponse(out); err != nil {
			t.Errorf("what was written cannot be read: %v: %s", err, out)
		}
	})
}

const sampleStream = `{"id":"c","model":"m","choices":[],"prompt_filter_results":[]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"h"},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"m","content":"a"},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"b\"\u00fc"},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"c"},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"x","type":"function","function":{"name":"f","arguments":""}},{"index":2,"id":"y","type":"custom","custom":{"name":"sh","input":"l"}}]},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}]}
{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
{"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}
[DONE]`

// passStream sends a stream through a decoder and an encoder and checks that
// what comes out is one, whatever went in.
func passStream(t *testing.T, stream []byte) error {
	d, e := NewDecoder(), NewEncoder(conv.EncoderOptions{IncludeUsage: true, Freeform: []string{"sh"}})
	ended, finished := false, 0
	write := func(_ string, data []byte) {
		switch {
		case ended:
			t.Errorf("after the end: %s", data)
		case string(data) == "[DONE]":
			ended = true
		case !gjson.ValidBytes(data):
			t.Errorf("not valid JSON: %s", data)
		case gjson.GetBytes(data, "error").Exists():
			ended = true
		case gjson.GetBytes(data, "choices.0.finish_reason").Type == gjson.String:
			finished++
		}
	}
	pass := func(ev *conv.Event) { e.Event(ev, write) }
	for line := range bytes.SplitSeq(stream, []byte("\n")) {
		data := bytes.Clone(line)
		if err := d.Event(nil, data, pass); err != nil {
			t.Fatal(err)
		}
		clear(data)
	}
	err := d.Close(pass)
	if err == nil {
		e.Close(write)
	}
	if finished > 1 || ended && err != nil {
		t.Errorf("%d reasons, ended %v, %v", finished, ended, err)
	}
	return err
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(sampleStream), 700)
	f.Add([]byte(`{"choices":[{"delta":{"content":[{"type":"text","text":"a"}],"function_call":{"name":"f"}},"finish_reason":"stop"}],"usage":{}}`), 9)
	f.Add([]byte(`{"error":{"message":"m"}}`), 3)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		_ = passStream(t, stream)
		_ = passStream(t, stream[:max(0, min(cut, len(stream)))])
	})
}

func TestStreamCutAtEveryByte(t *testing.T) {
	// From here on the stream has told why it ended.
	finish := bytes.Index([]byte(sampleStream), []byte(`"finish_reason":"tool_calls"}]}`)) + len(`"finish_reason":"tool_calls"}]}`)
	for cut := range len(sampleStream) + 1 {
		err := passStream(t, []byte(sampleStream[:cut]))
		if cut < finish && !errors.Is(err, conv.ErrTruncated) || cut >= finish && err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}
