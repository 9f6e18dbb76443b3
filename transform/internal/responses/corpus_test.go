package responses

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// corpus calls visit for every file with that ending among the recordings.
func corpus(t *testing.T, ending string, visit func(t *testing.T, data []byte)) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not say where the recordings are")
	}
	n := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ending) || !strings.HasPrefix(path, "vercel-") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, path))
		if err == nil && (bytes.Contains(data, []byte(`"response.created"`)) || gjson.GetBytes(data, "object").Str == "response") {
			n++
			t.Run(path, func(t *testing.T) { visit(t, data) })
		}
		return err
	})
	if err != nil || n == 0 {
		t.Errorf("%d recordings, %v", n, err)
	}
}

// streams parts a recording into the streams in it.
func streams(data []byte) (all [][]frame) {
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		line, ok := strings.CutPrefix(sc.Text(), "data: ")
		if !ok {
			continue
		}
		f := frames(line)[0]
		if f.name == "response.created" || len(all) == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], f)
	}
	return all
}

// saidOf and callsOf give what a whole answer holds in words.
func saidOf(output gjson.Result) (text string) {
	for _, p := range output.Get(`#(type=="message")#.content|@flatten`).Array() {
		text += p.Get("text").Str + p.Get("refusal").Str
	}
	return text
}

func callsOf(output gjson.Result) (calls string) {
	for _, it := range output.Array() {
		switch it.Get("type").Str {
		case "function_call", "custom_tool_call":
			args := it.Get("arguments").Str + it.Get("input").Str
			calls += it.Get("call_id").Str + " " + it.Get("name").Str + " " + args + "\n"
		}
	}
	return calls
}

func freeform(output gjson.Result) (names []string) {
	for _, n := range output.Get(`#(type=="custom_tool_call")#.name`).Array() {
		names = append(names, n.Str)
	}
	return names
}

func TestRecordedStreamsSurvive(t *testing.T) {
	corpus(t, ".sse", func(t *testing.T, data []byte) {
		for _, in := range streams(data) {
			whole := gjson.Get(in[len(in)-1].data, "response")
			var out []frame
			e := NewEncoder(conv.EncoderOptions{Freeform: freeform(whole.Get("output"))})
			emit := func(name string, data []byte) { out = append(out, frame{name, string(data)}) }
			if err := decode(in, func(ev *conv.Event) { e.Event(ev, emit) }); err != nil {
				t.Fatal(err)
			}
			s := readStrictly(t, out)
			compare(t, s.whole, whole)
		}
	})
}

func TestRecordedAnswersSurvive(t *testing.T) {
	corpus(t, ".json", func(t *testing.T, data []byte) {
		whole := gjson.ParseBytes(data)
		r, err := ReadResponse(data)
		if err != nil {
			t.Fatal(err)
		}
		r.Options.Freeform = freeform(whole.Get("output"))
		compare(t, gjson.ParseBytes(WriteResponse(nil, r)), whole)
	})
}

func compare(t *testing.T, got, want gjson.Result) {
	t.Helper()
	g, w := got.Get("output"), want.Get("output")
	if saidOf(g) != saidOf(w) {
		t.Errorf("said %q, want %q", saidOf(g), saidOf(w))
	}
	if callsOf(g) != callsOf(w) {
		t.Errorf("called\n%s\nwant\n%s", callsOf(g), callsOf(w))
	}
	for _, at := range []string{"status", "model", "usage.input_tokens", "usage.input_tokens_details.cached_tokens", "usage.output_tokens", "usage.output_tokens_details.reasoning_tokens"} {
		if got.Get(at).String() != want.Get(at).String() {
			t.Errorf("%s is %s, want %s", at, got.Get(at), want.Get(at))
		}
	}
}
