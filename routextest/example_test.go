package routextest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

func ExampleProvider() {
	provider := routextest.NewProvider(routextest.Options{Answer: func(c *routextest.Call) routextest.Answer {
		return routextest.Answer{Text: "You said " + c.LastUserText}
	}})
	server := provider.Start()
	defer server.Close()
	provider.Fail(routextest.Fault{Status: http.StatusTooManyRequests})
	for range 2 {
		resp, err := http.Post(server.URL+"/v1/chat/completions", "application/json",
			strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"hi"}]}`))
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		fmt.Printf("%d %q\n", resp.StatusCode, gjson.GetBytes(body, "choices.0.message.content"))
	}
	// Output:
	// 429 ""
	// 200 "You said hi"
}

// A provider makes the signatures of its reasoning, and knows them again.
func ExampleAnswer() {
	provider := routextest.NewProvider(routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Reasoning: "Two and two.", Text: "Four."}
	}})
	server := provider.Start()
	defer server.Close()
	resp, err := http.Post(server.URL+"/v1beta/models/gemini-3-pro:generateContent", "application/json",
		strings.NewReader(`{"contents":[{"parts":[{"text":"2+2?"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	for _, part := range gjson.GetBytes(body, "candidates.0.content.parts").Array() {
		fmt.Println(part.Get("thought").Bool(), part.Get("text"), part.Get("thoughtSignature").Exists())
	}
	// Output:
	// true Two and two. false
	// false Four. true
}

// A provider that is overloaded for a minute, in the words of each protocol.
func ExampleFault() {
	provider := routextest.NewProvider(routextest.Options{})
	server := provider.Start()
	defer server.Close()
	provider.Fail(routextest.Fault{Code: routextest.Overloaded, RetryAfter: 2 * time.Second, For: time.Minute})
	for _, call := range [][2]string{
		{"/v1/messages", `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`},
		{"/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"text":"hi"}]}]}`},
	} {
		resp, err := http.Post(server.URL+call[0], "application/json", strings.NewReader(call[1]))
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode, resp.Header.Get("Retry-After"), string(body))
	}
	// Output:
	// 529 2 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
	// 503  {"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}}
}
