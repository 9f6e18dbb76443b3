package routextest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

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
