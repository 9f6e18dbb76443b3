package transform_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/dctx-team/routex/transform"
)

func ExampleTranslate() {
	t := transform.Translate(transform.OpenAIChat, transform.Anthropic)
	req := &transform.Request{
		Dialect: transform.OpenAIChat, Header: http.Header{}, Model: "claude-opus-4",
		Body: []byte(`{"model":"gpt-4o","max_tokens":20,"seed":7,"messages":[{"role":"user","content":"Hi"}]}`),
	}
	if err := t.Request(context.Background(), req); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(req.Body))
	fmt.Println(req.Losses[0].Field)
	// Output:
	// {"model":"claude-opus-4","max_tokens":20,"messages":[{"role":"user","content":"Hi"}]}
	// seed
}

// A shout is a Stream that changes every event.
type shout struct{}

func (shout) Event(ev transform.Event, emit func(transform.Event)) error {
	emit(transform.Event{Name: ev.Name, Data: []byte(strings.ToUpper(string(ev.Data)))})
	return nil
}

func (shout) Close(func(transform.Event)) error { return nil }

func ExampleReader() {
	upstream := strings.NewReader("data: hello\n\ndata: world\n\n")
	out, _ := io.ReadAll(transform.NewReader(transform.NewScanner(upstream, 0), shout{}))
	fmt.Print(string(out))
	// Output:
	// data: HELLO
	//
	// data: WORLD
}
