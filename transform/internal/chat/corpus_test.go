package chat

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// recorded gives the recorded answers of servers of this protocol.
func recorded(t *testing.T, ext string) (names []string) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name a folder of recorded answers")
	}
	for _, folder := range []string{"vercel-azure", "vercel-deepseek", "vercel-groq", "vercel-mistral", "vercel-openai", "vercel-openai-compatible", "vercel-xai", "envoy-cassettes"} {
		found, err := filepath.Glob(filepath.Join(root, folder, "*"+ext))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	return names
}

func content(t *testing.T, name string) []byte {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// heard sums up what a stream tells, so that one cut into other pieces
// compares equal.
func heard(t *testing.T, lines [][]byte) map[string]string {
	sum := map[string]string{}
	d := NewDecoder()
	tell := func(ev *conv.Event) {
		switch line := told(ev); ev.Kind {
		case conv.Start, conv.End, conv.Ping:
		case conv.ToolDelta:
			kind, text, _ := strings.Cut(line[len("args "):], " ")
			sum["args "+kind] += text
		case conv.UsageOnly:
			sum["usage"] = line[len("usage"):]
		case conv.Finish:
			kind, usage, _ := strings.Cut(line[len("finish "):], " ")
			if sum["finish"] = kind; usage != "" {
				sum["usage"] = " " + usage
			}
		default:
			kind, text, _ := strings.Cut(line, " ")
			sum[kind] += text
		}
	}
	for _, line := range lines {
		if err := d.Event(nil, line, tell); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(tell); err != nil {
		t.Errorf("the end: %v", err)
	}
	return sum
}

func TestRecordedStreamsReadTheSameWrittenAnew(t *testing.T) {
	n := 0
	for _, name := range recorded(t, ".sse") {
		var lines [][]byte
		scan := bufio.NewScanner(bytes.NewReader(content(t, name)))
		scan.Buffer(nil, 1<<24)
		for scan.Scan() {
			if data, ok := bytes.CutPrefix(scan.Bytes(), []byte("data: ")); ok {
				lines = append(lines, bytes.Clone(data))
			}
		}
		if !bytes.Contains(lines[0], []byte(`"choices"`)) {
			continue // of another protocol
		}
		n++
		var anew [][]byte
		e := NewEncoder(conv.EncoderOptions{IncludeUsage: true})
		write := func(_ string, data []byte) { anew = append(anew, bytes.Clone(data)) }
		d := NewDecoder()
		for _, line := range lines {
			if err := d.Event(nil, line, func(ev *conv.Event) { e.Event(ev, write) }); err != nil {
				t.Fatal(err)
			}
		}
		e.Close(write)
		want := heard(t, lines)
		delete(want, "lost")
		if diff := cmp.Diff(want, heard(t, anew)); diff != "" {
			t.Errorf("%s:\n%s", filepath.Base(name), diff)
		}
	}
	t.Logf("%d streams", n)
}

func TestRecordedAnswersReadTheSameWrittenAnew(t *testing.T) {
	n := 0
	for _, name := range recorded(t, ".json") {
		body := content(t, name)
		if r := gjson.GetBytes(body, "response.body"); r.Exists() {
			body = []byte(r.String())
		}
		if !gjson.GetBytes(body, "choices.0.message").Exists() {
			continue
		}
		n++
		want, err := ReadResponse(body)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		got, err := ReadResponse(WriteResponse(nil, want))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		got.ID, want.ID, want.Lost, want.Created, got.Created = "", "", nil, 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", filepath.Base(name), diff)
		}
	}
	t.Logf("%d answers", n)
}
