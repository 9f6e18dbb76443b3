package routex_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest"
)

// twoProviders is a Transport over two providers in memory, which say who they
// are. The second is asked when the first fails.
func twoProviders() (tr *routex.Transport, first *routextest.Provider) {
	net := routextest.NewNetwork()
	cfg := routex.Config{Base: net.Transport()}
	for i, name := range []string{"first", "second"} {
		p := routextest.NewProvider(routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
			return routextest.Answer{Text: "This is the " + name + "."}
		}})
		if i == 0 {
			first = p
		}
		cfg.Channels = append(cfg.Channels, routex.Channel{Name: name, Type: routex.TypeOpenAI, BaseURL: net.Add(name+".test", p), Priority: i})
	}
	tr, err := routex.New(cfg)
	if err != nil {
		panic(err)
	}
	return tr, first
}

const chatURL = "https://any.test/v1/chat/completions"

// say makes a call and prints what was answered.
func say(tr http.RoundTripper, req *http.Request) {
	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, gjson.GetBytes(body, "choices.0.message.content"), err)
}

func hello() *http.Request {
	req, err := http.NewRequest(http.MethodPost, chatURL, strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"Hello"}]}`))
	if err != nil {
		panic(err)
	}
	return req
}

// A program keeps its http.Client, or its SDK, and has another Transport.
func Example() {
	tr, first := twoProviders()
	first.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
	client := &http.Client{Transport: tr}
	resp, err := client.Do(hello())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(gjson.GetBytes(body, "choices.0.message.content"))
	// Output: This is the second.
}

// Why a call failed is in its Decision; the caller gets an answer that says so
// too, in the words of its own protocol.
func ExampleDecision_Err() {
	tr, first := twoProviders()
	first.Fail(routextest.Fault{Code: routextest.ContentBlocked})
	req := hello()
	ctx, rec := routex.WithRecord(routex.WithChannel(req.Context(), "first"))
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil { // only when the caller itself has left
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	err = rec.Decision().Err()
	fmt.Println(resp.StatusCode, errors.Is(err, breaker.Caller), errors.Is(err, breaker.Rate))
	if e, ok := errors.AsType[*routex.Error](err); ok {
		fmt.Println(e.Reason, e.Status, len(e.Attempts), e.Attempts[0].Channel)
	}
	// Output:
	// 400 true false
	// content_policy 400 1 first
}

// A call can be sent to one channel, whatever the rules and the balancer say.
func ExampleWithChannel() {
	tr, _ := twoProviders()
	req := hello()
	say(tr, req.WithContext(routex.WithChannel(req.Context(), "second")))
	say(tr, hello())
	// Output:
	// 200 This is the second. <nil>
	// 200 This is the first. <nil>
}

// Explain asks nobody, and says what the next call would come to.
func ExampleTransport_Explain() {
	tr, err := routex.New(routex.Config{
		Channels: []routex.Channel{
			{Name: "small", Type: routex.TypeOpenAI, APIKey: "k"},
			{Name: "large", Type: routex.TypeAnthropic, APIKey: "k", Priority: 1},
			{Name: "spare", Type: routex.TypeAnthropic, APIKey: "k", Disabled: true},
		},
		Rules: []router.Rule{{Name: "poems are difficult", Condition: router.Condition{Keywords: []string{"poem"}}, TargetChannel: "large"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := tr.Explain(httptest.NewRequest(http.MethodPost, chatURL,
		strings.NewReader(`{"model":"m","seed":7,"messages":[{"role":"user","content":"Write a poem."}]}`)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Rule, d.Order)
	for _, c := range d.Candidates {
		fmt.Printf("%s %v %q\n", c.Name, c.Included, c.Why)
	}
	for _, l := range d.Losses {
		fmt.Println("lost:", l.Field)
	}
	// Output:
	// poems are difficult [large small]
	// small true ""
	// large true ""
	// spare false "disabled"
	// lost: seed
}

// With EarlyCommit a caller hears from the handler before the provider says
// anything. In a program KeepAlive is as long as proxies on the way allow.
func ExampleHandlerOptions() {
	pinged := make(chan struct{})
	tr, err := routex.New(routex.Config{
		Channels: []routex.Channel{{Name: "slow", Type: routex.TypeOpenAI, BaseURL: "http://slow.test"}},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			<-pinged
			_ = r.Body.Close()
			return respond(http.StatusOK, "text/event-stream", `data: {"choices":[{"index":0,"delta":{"content":"Hi."},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n"), nil
		}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(tr.HandlerWith(routex.HandlerOptions{KeepAlive: time.Millisecond, EarlyCommit: true}))
	defer server.Close()
	resp, err := http.Post(server.URL+"/v1/chat/completions", "application/json", strings.NewReader(`{"model":"m","stream":true,"messages":[{"role":"user","content":"Hello"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.StatusCode)
	heard := false
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		switch line := lines.Text(); {
		case line == ": ping" && !heard:
			heard = true
			fmt.Println(line)
			close(pinged)
		case line != ": ping" && line != "":
			fmt.Println(line)
		}
	}
	// Output:
	// 200
	// : ping
	// data: {"choices":[{"index":0,"delta":{"content":"Hi."},"finish_reason":"stop"}]}
	// data: [DONE]
}
