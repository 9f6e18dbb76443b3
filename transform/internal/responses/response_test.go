package responses

import (
	"errors"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

func TestReadResponse(t *testing.T) {
	const body = `{"id":"resp_1","object":"response","created_at":7,"status":"completed","error":null,"incomplete_details":null,"model":"m","output":[
		{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"gAAA"},
		{"type":"web_search_call"},
		{"id":"msg","type":"message","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[{}]},{"type":"refusal","refusal":"no"}]},
		{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1.0}"},
		{"type":"custom_tool_call","call_id":"c2","name":"p","input":"x\ny"},
		{"id":"rs_2","type":"reasoning","summary":[]}],` + usage + `}`
	r, err := ReadResponse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	const want = ` reasoning(a\n\nb){I  rs_1 gAAA} hi refusal(no) call(c1 f {"a":1.0}) call(c2 p {"input":"x\ny"})`
	if got := showParts(r.Parts); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.ID != `"resp_1"` || r.Model != `"m"` || r.Created != 7 || r.Stop != conv.StopRefusal || !r.HasUsage {
		t.Errorf("%+v", r)
	}
	if want := (conv.Usage{Input: 5, CacheRead: 3, CacheWrite: 2, Output: 7, Reasoning: 4}); r.Usage != want {
		t.Errorf("usage %+v", r.Usage)
	}
	if len(r.Lost) != 2 || r.Lost[0] != `"web_search_call"` || r.Lost[1] != `"annotations"` {
		t.Errorf("lost %q", r.Lost)
	}
}

func TestReadStop(t *testing.T) {
	for _, c := range []struct {
		in   string
		want conv.StopReason
	}{
		{`"status":"completed","output":[]`, conv.StopEnd},
		{`"status":"completed","output":[{"type":"function_call","call_id":"c","name":"f","arguments":""}]`, conv.StopTool},
		{`"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]`, conv.StopLength},
		{`"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]`, conv.StopRefusal},
		{`"status":"incomplete","output":[]`, conv.StopUnknown},
		{`"output":[]`, conv.StopEnd},
	} {
		r, err := ReadResponse([]byte("{" + c.in + "}"))
		if err != nil || r.Stop != c.want {
			t.Errorf("%s: %v, %+v", c.in, err, r)
		}
		if err == nil && r.HasUsage {
			t.Errorf("%s: usage was made up", c.in)
		}
	}
}

func TestMoreCachedThanSent(t *testing.T) {
	r, err := ReadResponse([]byte(`{"output":[],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":30},"output_tokens":1}}`))
	if err != nil || r.Usage != (conv.Usage{CacheRead: 10, Output: 1}) {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestNoAnswerIsAnError(t *testing.T) {
	for _, c := range []struct{ in, field string }{
		{`<html>`, ""},
		{`{}`, "output"},
		{`{"object":"chat.completion","choices":[]}`, "output"},
		{`{"status":"in_progress","output":[]}`, "status"},
		{`{"status":"failed","error":{"code":"server_error","message":"oh"},"output":[]}`, "status"},
	} {
		_, err := ReadResponse([]byte(c.in))
		if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Field != c.field {
			t.Errorf("%s: %v, want the field %q", c.in, err, c.field)
		}
	}
}

func TestWriteResponse(t *testing.T) {
	r := conv.Response{
		ID: `"x"`, Created: 7, Stop: conv.StopTool, HasUsage: true, Usage: conv.Usage{Input: 1, Output: 2},
		Parts: []conv.Part{
			{Kind: conv.Reasoning, Text: `"why"`, State: signature},
			text("a"), text("b"),
			{Kind: conv.Reasoning, State: signature},
			toolCall("c1", "f", `{"a":1.0}`), toolCall("c2", "patch", `{"input":"x\ny"}`), toolCall("", "f", ""),
		},
		Options: conv.EncoderOptions{Model: "asked", Provider: "0abcdef", Freeform: []string{"patch"}},
	}
	out := WriteResponse(nil, &r)
	v := gjson.ParseBytes(out)
	if !gjson.ValidBytes(out) || v.Get("id").Str != "resp_x" || v.Get("model").Str != "asked" || v.Get("status").Str != "completed" || v.Get("usage.total_tokens").Int() != 3 {
		t.Errorf("%s", out)
	}
	want := []string{
		`{"id":"rs_x_0","type":"reasoning","summary":[{"type":"summary_text","text":"why"}],"encrypted_content":"RtxStateS0abcdefc2ln"}`,
		`{"id":"msg_x_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"output_text","text":"b","annotations":[],"logprobs":[]}]}`,
		`{"id":"rs_x_2","type":"reasoning","summary":[],"encrypted_content":"RtxStateS0abcdefc2ln"}`,
		`{"id":"fc_x_3","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"a\":1.0}"}`,
		`{"id":"ctc_x_4","type":"custom_tool_call","status":"completed","call_id":"c2","name":"patch","input":"x\ny"}`,
	}
	output := v.Get("output").Array()
	if len(output) != len(want)+1 {
		t.Fatalf("output %s", v.Get("output").Raw)
	}
	for i, w := range want {
		if output[i].Raw != w {
			t.Errorf("item %d\ngot  %s\nwant %s", i, output[i].Raw, w)
		}
	}
	if last := output[len(want)]; last.Get("arguments").Str != "{}" || len(last.Get("call_id").Str) < 10 {
		t.Errorf("a call without id and arguments: %s", last.Raw)
	}
}

// The unary answer and the last event of a stream are made alike.
func TestAnswersAreTheSameInAStream(t *testing.T) {
	r := conv.Response{ID: `"x"`, Model: `"m"`, Created: 7, Stop: conv.StopTool, Parts: []conv.Part{
		{Kind: conv.Reasoning, Text: `"why"`, State: signature}, text("a"), toolCall("c1", "f", `{"a":1.0}`),
	}}
	out := encode(conv.EncoderOptions{}, []conv.Event{start, reasoned("why"), sealed(signature), said("a"), called(0, "c1", "f"), args(0, `{"a":1.0}`), finish(conv.StopTool), end})
	if got, want := gjson.Get(out[len(out)-1].data, "response").Raw, string(WriteResponse(nil, &r)); got != want {
		t.Errorf("streamed %s\nat once  %s", got, want)
	}
}

func TestWriteRefusal(t *testing.T) {
	r := conv.Response{Stop: conv.StopRefusal, Parts: []conv.Part{{Kind: conv.Refusal, Text: `"no"`}}}
	v := gjson.ParseBytes(WriteResponse(nil, &r))
	if v.Get("status").Str != "completed" || v.Get("output.0.content.0.refusal").Str != "no" {
		t.Errorf("%s", v.Raw)
	}
	r.Parts = []conv.Part{text("so far")}
	if v = gjson.ParseBytes(WriteResponse(nil, &r)); v.Get("incomplete_details.reason").Str != "content_filter" {
		t.Errorf("%s", v.Raw)
	}
}

func TestIDsAreOfTheProtocol(t *testing.T) {
	for _, id := range []conv.Str{"", `"resp_1"`, `"a b\u0000"`, conv.Quote("msg_" + string(make([]byte, 100)))} {
		r := conv.Response{ID: id, Parts: []conv.Part{text("a")}}
		v := gjson.ParseBytes(WriteResponse(nil, &r))
		if item := v.Get("output.0.id").Str; !isPlainID(item) || len(item) > maxID {
			t.Errorf("%s: item %q", id, item)
		}
		if v.Get("id").Str[:5] != "resp_" {
			t.Errorf("%s: %s", id, v.Get("id"))
		}
	}
}
