package responses_test

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
)

type decoder interface {
	Event(name, data []byte, emit func(*conv.Event)) error
	Close(emit func(*conv.Event)) error
}

// decoderOf returns the decoder for a recording in a folder.
func decoderOf(path string, data []byte) decoder {
	switch {
	case bytes.Contains(data, []byte(`"response.created"`)):
		return responses.NewDecoder()
	case strings.Contains(path, "anthropic") && bytes.Contains(data, []byte(`"message_start"`)):
		return anthropic.NewDecoder()
	case bytes.Contains(data, []byte(`"candidates"`)):
		return gemini.NewDecoder()
	case bytes.Contains(data, []byte(`"choices"`)):
		return chat.NewDecoder()
	}
	return nil
}

// Every recorded stream, whatever its protocol, makes a stream of this one in
// which the events are in order and the last one repeats what was told.
func TestRecordedStreamsOfEveryProtocol(t *testing.T) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not say where the recordings are")
	}
	n := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".sse") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, path))
		if d := decoderOf(path, data); err == nil && d != nil {
			n++
			t.Run(path, func(t *testing.T) { translated(t, d, data) })
		}
		return err
	})
	if err != nil || n < 10 {
		t.Errorf("%d recordings, %v", n, err)
	}
}

func translated(t *testing.T, d decoder, data []byte) {
	var text, args strings.Builder
	var out []responses.Frame
	e := responses.NewEncoder(conv.EncoderOptions{})
	emit := func(name string, data []byte) { out = append(out, responses.Frame{Name: name, Data: string(data)}) }
	pass := func(ev *conv.Event) {
		switch ev.Kind {
		case conv.TextDelta:
			text.WriteString(ev.Text.String())
		case conv.ToolDelta:
			args.WriteString(ev.Text.String())
		}
		e.Event(ev, emit)
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		if line, ok := strings.CutPrefix(sc.Text(), "data: "); ok {
			if err := d.Event(nil, []byte(line), pass); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := d.Close(pass)
	if err == nil {
		e.Close(emit)
	}
	whole := responses.ReadStrictly(t, out)
	switch {
	case errors.Is(err, conv.ErrTruncated):
		return
	case !whole.Exists():
		t.Error("the stream has no end")
	}
	said, called := "", 0
	for _, item := range whole.Get("output").Array() {
		if item.Get("type").Str == "message" {
			item.Get("content").ForEach(func(_, p gjson.Result) bool { said += p.Get("text").Str; return true })
		}
		called += len(item.Get("arguments").Str)
	}
	if said != text.String() || called < args.Len() {
		t.Errorf("said %q, want %q; %d bytes of arguments, want %d", said, text.String(), called, args.Len())
	}
}
