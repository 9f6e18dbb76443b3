package responses

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

const bigInput = `{"model":"gpt-5","instructions":"be","input":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"input_text","text":"q"},{"type":"input_image","image_url":"data:image/png;base64,AA"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AA"}]},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"r"}],"encrypted_content":"RtxStateI0000000cnMgZw=="},{"role":"assistant","content":[{"type":"output_text","text":"t"},{"type":"refusal","refusal":"no"}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1.0}"},{"type":"custom_tool_call","call_id":"c2","name":"p","input":"x\ny"},{"type":"function_call_output","call_id":"c1","output":"[tool_error] o"},{"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"o"},{"type":"input_image","file_id":"f"}]},{"type":"web_search_call"}],"tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"custom","name":"p"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]},"reasoning":{"effort":"high"},"text":{"format":{"type":"json_schema","schema":{}},"verbosity":"low"},"include":[],"max_output_tokens":5,"metadata":{"a":"b"}}`

func FuzzReadRequest(f *testing.F) {
	f.Add([]byte(bigInput))
	f.Add([]byte(`{"model":"m","input":"\u0000"}`))
	f.Add([]byte(`{"model":"m","input":[{"type":"function_call_output","call_id":"\ud800","output":[]}],"tool_choice":"none"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if !gjson.ValidBytes(body) {
			return
		}
		lose := func(field, why string) {
			if why == "" {
				t.Errorf("no reason for the loss of %s", field)
			}
		}
		r, err := ReadRequest(body, lose)
		if err != nil {
			return
		}
		r.Target.Provider = "0000000"
		if out, err := WriteRequest(nil, r, lose); err != nil || !gjson.ValidBytes(out) {
			t.Errorf("%v: not valid JSON: %s", err, out)
		}
	})
}

func FuzzReadResponse(f *testing.F) {
	f.Add(200, []byte(gjson.Get(completed, "response").Raw))
	f.Add(200, []byte(`{"id":"a\u0000","output":[{"type":"reasoning","id":"rs","summary":[{"text":"a"}],"encrypted_content":"x"},{"type":"function_call","call_id":"c","name":"f","arguments":"{"},{"type":"custom_tool_call","name":"p","input":"a"},{"type":"message","content":[{"type":"refusal","refusal":"no"}]}],"usage":{"input_tokens":1e99}}`))
	f.Add(500, []byte(`{"status":"failed","error":{"message":"m","code":1}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if r, err := ReadResponse(body); err == nil {
			r.Options.Freeform = []string{"f"}
			if out := WriteResponse(nil, r); !gjson.ValidBytes(out) {
				t.Errorf("not valid JSON: %s", out)
			}
		}
		if out := WriteError(nil, ReadError(status, body)); !gjson.ValidBytes(out) {
			t.Errorf("not valid JSON: %s", out)
		}
		_, _, _ = LookBody(body)
	})
}

// FuzzStream takes one event a line. What a decoder tells of it makes a stream
// that a strict reader takes, unless it was truncated.
func FuzzStream(f *testing.F) {
	f.Add([]byte(strings.Join([]string{created, textAdded, textDelta, textDone, completed}, "\n")))
	f.Add([]byte(created + "\n" + `{"type":"response.output_item.added","output_index":3,"item":{"type":"function_call","name":"f"}}` + "\n" + `{"type":"response.function_call_arguments.delta","output_index":3,"delta":"{\u0022"}` + "\n" + `{"type":"response.reasoning_text.delta","delta":"a"}` + "\n" + `{"type":"response.refusal.delta","delta":"a"}` + "\n" + bare))
	f.Add([]byte(strings.Join([]string{created, textAdded, textDelta, textDone}, "\n")))
	f.Add([]byte(created + "\n" + `{"type":"response.output_item.done","output_index":0,"item":{"type":"custom_tool_call","call_id":"c","name":"p","input":"a"}}` + "\n" + `{"type":"response.output_item.done","output_index":1,"item":{"type":"reasoning","id":"r","encrypted_content":"x"}}` + "\n" + `{"type":"error"}`))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var in, out []frame
		for line := range bytes.Lines(stream) {
			in = append(in, frame{data: string(bytes.TrimSuffix(line, []byte("\n")))})
		}
		e := NewEncoder(conv.EncoderOptions{Freeform: []string{"p"}})
		emit := func(name string, data []byte) { out = append(out, frame{name, string(data)}) }
		ended := false
		err := decode(in, func(ev *conv.Event) {
			ended = ended || ev.Kind == conv.End || ev.Kind == conv.Failed
			e.Event(ev, emit)
		})
		if truncated := errors.Is(err, conv.ErrTruncated); truncated == ended {
			t.Errorf("truncated %v, ended %v", truncated, ended)
		}
		readStrictly(t, out)
		var w Watch
		for _, fr := range in {
			w.Look(nil, []byte(fr.data))
		}
		if _, data := w.End(nil); data != nil && !gjson.ValidBytes(data) {
			t.Errorf("the end that is supplied is not valid JSON: %s", data)
		}
	})
}

// A stream cut anywhere is known to be truncated, but for the one place where
// nothing is missing except that it says so.
func TestStreamsCutAtEveryByte(t *testing.T) {
	whole := "data: " + strings.Join([]string{created, textAdded, textDelta, textDone, completed}, "\n\ndata: ")
	said := strings.Index(whole, textDone) + len(textDone)
	for cut := range len(whole) {
		complete := cut >= said && cut < said+len("\n\ndata: ")
		var in []frame
		for data := range strings.SplitSeq(whole[:cut], "\n\n") {
			if data, ok := strings.CutPrefix(data, "data: "); ok {
				in = append(in, frame{data: data})
			}
		}
		told := false
		err := decode(in, func(ev *conv.Event) { told = told || ev.Kind == conv.Finish || ev.Kind == conv.End })
		if errors.Is(err, conv.ErrTruncated) == complete || told != complete {
			t.Errorf("cut at %d: %v, told of an end: %v", cut, err, told)
		}
		var w Watch
		for _, f := range in {
			if mark := w.Look(nil, []byte(f.data)); mark&(conv.MarkFinish|conv.MarkEnd) != 0 {
				t.Errorf("cut at %d: complete", cut)
			}
		}
		if _, data := w.End(nil); (data != nil) != complete {
			t.Errorf("cut at %d: the end that is supplied is %q", cut, data)
		}
	}
}
