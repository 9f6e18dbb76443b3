package transform_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// said is what an answer says, in whatever protocol.
type said struct {
	Text, Reasoning, Refusal string
	Calls                    []string // name, and arguments without space in them
	End                      string
	Usage                    transform.Usage
}

// readAnswer reads a whole answer.
func readAnswer(d transform.Dialect, body []byte) said {
	v := gjson.ParseBytes(body)
	var s said
	call := func(name, args string) {
		if args == "" {
			args = "{}"
		}
		s.Calls = append(s.Calls, name+gjson.Parse(args).Get("@ugly").Raw)
	}
	switch d {
	case messages:
		s.End = v.Get("stop_reason").Str
		for _, b := range v.Get("content").Array() {
			s.Text += b.Get("text").Str
			s.Reasoning += b.Get("thinking").Str
			if b.Get("type").Str == "tool_use" {
				call(b.Get("name").Str, b.Get("input").Raw)
			}
		}
	case responses:
		s.End = v.Get("status").Str + v.Get("incomplete_details.reason").Str
		for _, item := range v.Get("output").Array() {
			for _, p := range item.Get("content").Array() {
				if item.Get("type").Str == "message" {
					s.Text += p.Get("text").Str
					s.Refusal += p.Get("refusal").Str
				}
			}
			for _, p := range item.Get("summary").Array() {
				s.Reasoning += p.Get("text").Str
			}
			if item.Get("type").Str == "function_call" {
				call(item.Get("name").Str, item.Get("arguments").Str)
			}
		}
	case gemini:
		s.End = v.Get("candidates.0.finishReason").Str
		for _, p := range v.Get("candidates.0.content.parts").Array() {
			if p.Get("thought").Bool() {
				s.Reasoning += p.Get("text").Str
			} else {
				s.Text += p.Get("text").Str
			}
			if f := p.Get("functionCall"); f.Exists() {
				call(f.Get("name").Str, f.Get("args").Raw)
			}
		}
	default:
		m := v.Get("choices.0.message")
		s.End = v.Get("choices.0.finish_reason").Str
		s.Text, s.Refusal, s.Reasoning = m.Get("content").Str, m.Get("refusal").Str, m.Get("reasoning_content").Str
		for _, t := range m.Get("tool_calls").Array() {
			call(t.Get("function.name").Str, t.Get("function.arguments").Str)
		}
	}
	s.Usage, _, _ = transform.Look(d, body)
	s.Reasoning = strings.ReplaceAll(s.Reasoning, "\n", "")
	return s
}

// A stream says the same to a caller of another protocol, whether its events are
// translated and put together, or it is put together and the answer translated.
func checkAssembled(t *testing.T, provider transform.Dialect, stream []byte) {
	t.Helper()
	whole, err := transform.Assemble(provider, stream)
	if err != nil {
		t.Fatal(err)
	}
	usage, known := watched(provider, stream)
	if got, ok, _ := transform.Look(provider, whole); got != usage || ok != known {
		t.Errorf("the whole has the usage %+v, %v, the stream %+v, %v", got, ok, usage, known)
	}
	for _, caller := range transform.Dialects() {
		tr := transform.Translate(caller, provider)
		if tr == nil {
			continue
		}
		answer := func() *transform.Response {
			r := &transform.Request{Dialect: caller, Header: http.Header{}, Model: "m", Stream: true, Body: []byte(ask1(caller))}
			if err := tr.Request(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			return &transform.Response{Request: r, Status: http.StatusOK, Header: http.Header{}}
		}
		r := answer()
		translated, err := io.ReadAll(transform.NewReader(transform.NewScanner(bytes.NewReader(stream), 0),
			transform.Then(transform.NewWatch(provider), tr.Stream(t.Context(), r))))
		if err != nil {
			t.Fatalf("for a caller of %s: %v", caller, err)
		}
		events, err := transform.Assemble(caller, translated)
		if err != nil {
			t.Fatalf("for a caller of %s: %v in %s", caller, err, translated)
		}
		r = answer()
		r.Body = whole
		if err := tr.Response(t.Context(), r); err != nil {
			t.Fatalf("for a caller of %s: %v: %s", caller, err, whole)
		}
		if diff := cmp.Diff(readAnswer(caller, r.Body), readAnswer(caller, events)); diff != "" {
			t.Errorf("for a caller of %s\n%s\nand\n%s\ndiffer (-whole +events):\n%s", caller, r.Body, events, diff)
		}
	}
}

func watched(d transform.Dialect, stream []byte) (transform.Usage, bool) {
	w := transform.NewWatch(d)
	_, _ = io.Copy(io.Discard, transform.NewReader(transform.NewScanner(bytes.NewReader(stream), 0), w))
	return w.Usage()
}

func TestAssembledSaysWhatTheStreamSays(t *testing.T) {
	for _, d := range transform.Dialects() {
		for _, kind := range []string{"text", "reasoning", "tool", "escaped", "length"} {
			t.Run(string(d)+" "+kind, func(t *testing.T) {
				checkAssembled(t, d, []byte(strings.Join(frames(d, first(kind)), "")))
			})
		}
	}
}

// So do streams of providers, as they were recorded.
func TestAssembledRecordings(t *testing.T) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS is not set")
	}
	for pattern, d := range map[string]transform.Dialect{
		"vercel-anthropic/*.sse": messages, "anthropic-sdk-ts/*.sse": messages, "vercel-google/*.sse": gemini,
		"vercel-openai/*.sse": responses, "vercel-azure/*.sse": responses, "vercel-open-responses/*.sse": responses,
		"vercel-deepseek/*.sse": chat, "vercel-mistral/*.sse": chat, "vercel-openai-compatible/*.sse": chat, "vercel-xai/*.sse": chat,
	} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Errorf("no recordings like %s: %v", pattern, err)
		}
		for _, name := range files {
			t.Run(filepath.Base(name), func(t *testing.T) {
				stream, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(filepath.Base(name), "incomplete_partial_json") {
					t.Skip("it ends in the middle of a call, which whole answers have no place for")
				}
				checkAssembled(t, d, oneAnswer(stream))
			})
		}
	}
}

// oneAnswer is the first of the answers that some recordings hold.
func oneAnswer(stream []byte) []byte {
	for _, mark := range []string{`"type":"message_stop"`, `"type":"response.completed"`} {
		if _, after, found := bytes.Cut(stream, []byte(mark)); found {
			tail := bytes.IndexByte(after, '\n')
			return append(bytes.Clone(stream[:len(stream)-len(after)+tail]), "\n\n"...)
		}
	}
	return stream
}
