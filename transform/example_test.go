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

func ExampleLedger() {
	const head = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"a","choices":[{"index":0,"delta":`
	const another = `data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":2,"model":"b","choices":[{"index":0,"delta":`
	read := func(stream string, st transform.Stream) {
		out, err := io.ReadAll(transform.NewReader(transform.NewScanner(strings.NewReader(stream), 0), st))
		fmt.Print(string(out))
		if err != nil {
			fmt.Println(err)
		}
	}
	ledger := transform.NewLedger(transform.OpenAIChat)
	defer ledger.Release()
	read(head+`{"role":"assistant","content":"One, two"},"finish_reason":null}]}`+"\n\n", transform.Then(transform.NewWatch(transform.OpenAIChat), ledger))

	// Another channel was asked the same.
	request := []byte(`{"model":"a","stream":true,"messages":[{"role":"user","content":"Count to three."}]}`)
	resumed, err := ledger.Resume(request, transform.Splice)
	if err != nil {
		fmt.Println(err)
		return
	}
	read(another+`{"role":"assistant","content":"One,"},"finish_reason":null}]}`+"\n\n"+
		another+`{"content":" two, three."},"finish_reason":null}]}`+"\n\n"+
		another+`{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n", transform.Then(resumed, ledger))
	fmt.Println(ledger.Text())
	// Output:
	// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"a","choices":[{"index":0,"delta":{"role":"assistant","content":"One, two"},"finish_reason":null}]}
	//
	// transform: stream ended before the answer was complete
	// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"a","choices":[{"index":0,"delta":{"content":", three."},"logprobs":null,"finish_reason":null}]}
	//
	// data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"a","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}
	//
	// data: [DONE]
	//
	// One, two, three.
}
