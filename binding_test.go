package routex_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
)

// host is the part of a URL's host before .test.
func host(r arrived) string {
	_, name, _ := strings.Cut(r.url, "://")
	name, _, _ = strings.Cut(name, ".test")
	return name
}

// minting is an upstream that mints ids with the name of its host in them.
func minting() *recorder {
	return &recorder{answer: func(r *http.Request, body string) *http.Response {
		name, _, _ := strings.Cut(r.URL.Host, ".")
		switch {
		case strings.Contains(body, `"stream":true`):
			return respond(200, "text/event-stream", fmt.Sprintf(`event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_%s_stream","object":"response","status":"in_progress","model":"m","output":[]}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_1","status":"in_progress","role":"assistant","content":[]}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"hi"}

event: response.completed
data: {"type":"response.completed","sequence_number":3,"response":{"id":"resp_%s_stream","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}}

`, name, name))
		case strings.HasSuffix(r.URL.Path, "/responses"):
			return respond(200, "application/json", `{"object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"id":"resp_`+name+`"}`)
		case strings.HasSuffix(r.URL.Path, "/batches") && r.Method == http.MethodGet:
			return respond(200, "application/json", `{"object":"list","data":[{"id":"batch_`+name+`_old","output_file_id":"file-`+name+`-out"}],"has_more":false}`)
		case strings.Contains(r.URL.Path, "/batches"):
			return respond(200, "application/json", `{"type":"message_batch","id":"batch_`+name+`"}`)
		case strings.HasSuffix(r.URL.Path, "/files"):
			return respond(200, "application/json", `{"object":"file","id":"file-`+name+`"}`)
		}
		return respond(200, "application/json", `{"ok":true}`)
	}}
}

// three channels of a kind that take turns.
func three(kind func(name, url string) routex.Channel) []routex.Channel {
	return []routex.Channel{kind("a", "https://a.test"), kind("b", "https://b.test"), kind("c", "https://c.test")}
}

func TestCallsGoToTheChannelThatMintedTheirIDs(t *testing.T) {
	up := minting()
	tr := newTransport(t, routex.Config{Channels: three(responsesChannel), Base: up, Balancer: balance.RoundRobin{}})
	const url = "https://x.test/v1"
	for _, minting := range []struct{ path, body, id string }{
		{"/responses", `{"model":"m","input":"hi"}`, "resp_%s"},
		{"/responses", `{"model":"m","input":"hi","stream":true}`, "resp_%s_stream"},
		{"/files", `{"model":"m"}`, "file-%s"},
		{"/batches", `{"model":"m"}`, "batch_%s"},
	} {
		minters := map[string]bool{}
		for range 3 {
			_, _, d := ask(t, tr, "POST", url+minting.path, minting.body)
			home := d.Channel
			minters[home] = true
			id := fmt.Sprintf(minting.id, home)
			for _, call := range []struct{ method, path, body string }{
				{"POST", "/responses", `{"model":"m","input":"more","previous_response_id":"` + id + `"}`},
				{"POST", "/responses", `{"model":"m","input":"more","stream":true,"conversation":{"id":"` + id + `"}}`},
				{"POST", "/responses", `{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_id":"` + id + `"}]}]}`},
				{"POST", "/responses", `{"model":"m","input":"x","tools":[{"type":"file_search","vector_store_ids":["` + id + `"]}]}`},
				{"GET", "/responses/" + id, ""},
				{"POST", "/responses/" + id + "/cancel", ""},
				{"GET", "/responses/" + id + "/input_items?limit=3", ""},
				{"DELETE", "/responses/" + id, ""},
				{"GET", "/files/" + id + "/content", ""},
				{"POST", "/batches", `{"input_file_id":"` + id + `"}`},
			} {
				resp, text, d := ask(t, tr, call.method, url+call.path, call.body)
				if resp.StatusCode != 200 || d.Channel != home || host(up.last()) != home || len(d.Attempts) != 1 {
					t.Errorf("%s %s %s went to %s, not to %s: %d %s", call.method, call.path, call.body, d.Channel, home, resp.StatusCode, text)
				}
			}
		}
		if len(minters) < 2 && minting.path == "/responses" {
			t.Errorf("only %v minted %s", minters, minting.id)
		}
	}
}

func TestFilesAndBatchesOfAnthropic(t *testing.T) {
	up := minting()
	tr := newTransport(t, routex.Config{Channels: three(anthropicChannel), Base: up})
	const version = "Anthropic-Version"
	ask(t, tr, "POST", "https://x.test/v1/messages/batches", "{}", version, "1", "X-Routex-Channel", "b")
	ask(t, tr, "POST", "https://x.test/v1/files", "{}", version, "1", "X-Routex-Channel", "c")
	for path, want := range map[string]string{"/messages/batches/batch_b/results": "b", "/files/file-c": "c"} {
		if _, text, d := ask(t, tr, "GET", "https://x.test/v1"+path, "", version, "1"); d.Channel != want {
			t.Errorf("%s went to %q: %s", path, d.Channel, text)
		}
	}
	const body = `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"file-c"}}]}]}`
	if _, _, d := ask(t, tr, "POST", "https://x.test/v1/messages", body, version, "1"); d.Channel != "c" || len(d.Attempts) != 1 {
		t.Errorf("a file in a message went to %q", d.Channel)
	}
}

func TestFilesAndCachesOfGemini(t *testing.T) {
	up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
		name, _, _ := strings.Cut(r.URL.Host, ".")
		switch r.URL.Path {
		case "/upload/v1beta/files":
			return respond(200, "application/json", `{"file":{"name":"files/f`+name+`","uri":"https://`+r.URL.Host+`/v1beta/files/f`+name+`"}}`)
		case "/v1beta/cachedContents":
			return respond(200, "application/json", `{"name":"cachedContents/c`+name+`"}`)
		}
		return respond(200, "application/json", `{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP","index":0}]}`)
	}}
	tr := newTransport(t, routex.Config{Channels: three(googleChannel), Base: up})
	const url = "https://x.test"
	ask(t, tr, "POST", url+"/upload/v1beta/files", "{}", "X-Routex-Channel", "b")
	ask(t, tr, "POST", url+"/v1beta/cachedContents", "{}", "X-Routex-Channel", "c")
	for _, call := range []struct{ method, path, body, want string }{
		{"GET", "/v1beta/files/fb", "", "b"},
		{"GET", "/v1beta/files/fb:download?alt=media", "", "b"},
		{"DELETE", "/v1beta/cachedContents/cc", "", "c"},
		{"POST", "/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"file_data":{"file_uri":"https://b.test/v1beta/files/fb"}}]}]}`, "b"},
		{"POST", "/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"text":"x"}]}],"cached_content":"cachedContents/cc"}`, "c"},
		{"POST", "/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"fileData":{"fileUri":"https://b.test/v1beta/files/fb","mimeType":"text/plain"}}]}]}`, "b"},
		{"POST", "/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"text":"x"}]}],"cachedContent":"cachedContents/cc"}`, "c"},
	} {
		if resp, text, d := ask(t, tr, call.method, url+call.path, call.body); resp.StatusCode != 200 || d.Channel != call.want {
			t.Errorf("%s %s %s went to %q: %d %s", call.method, call.path, call.body, d.Channel, resp.StatusCode, text)
		}
	}
}

func TestIDsInListsAreBound(t *testing.T) {
	up := minting()
	tr := newTransport(t, routex.Config{Channels: three(openAIChannel), Base: up})
	ask(t, tr, "GET", "https://x.test/v1/batches", "", "X-Routex-Channel", "c")
	for _, path := range []string{"/batches/batch_c_old", "/files/file-c-out/content"} {
		if _, text, d := ask(t, tr, "GET", "https://x.test/v1"+path, ""); d.Channel != "c" {
			t.Errorf("%s went to %q: %s", path, d.Channel, text)
		}
	}
}

func TestUnknownIDs(t *testing.T) {
	calls := []struct{ method, path, body, field string }{
		{"POST", "/responses", `{"model":"m","input":"x","previous_response_id":"resp_unknown"}`, "previous_response_id"},
		{"POST", "/responses", `{"model":"m","input":[{"role":"user","content":[{"type":"input_image","file_id":"resp_unknown"}]}]}`, "file_id"},
		{"GET", "/responses/resp_unknown", "", "path"},
		{"DELETE", "/files/resp_unknown", "", "path"},
	}
	up := minting()
	several := newTransport(t, routex.Config{Channels: three(responsesChannel), Base: up})
	only := newTransport(t, routex.Config{Channels: append(three(anthropicChannel)[1:], responsesChannel("o", "https://o.test")), Base: up})
	for _, call := range calls {
		resp, text, d := ask(t, several, call.method, "https://x.test/v1"+call.path, call.body)
		if resp.StatusCode != 400 || !strings.Contains(text, `{"error":{"message":"`+call.field+`: \"resp_unknown\" is not known`) || len(d.Attempts) != 0 {
			t.Errorf("%s %s: %d %s", call.method, call.path, resp.StatusCode, text)
		}
		if _, text, d := ask(t, only, call.method, "https://x.test/v1"+call.path, call.body); d.Channel != "o" {
			t.Errorf("%s %s with one channel of the protocol: %q %s", call.method, call.path, d.Channel, text)
		}
		if call.method != "POST" {
			if _, _, d := ask(t, several, call.method, "https://x.test/v1"+call.path, call.body, "X-Routex-Channel", "b"); d.Channel != "b" {
				t.Errorf("%s %s for a named channel: %q", call.method, call.path, d.Channel)
			}
		}
	}
	resp, text, _ := ask(t, newTransport(t, routex.Config{Channels: three(anthropicChannel), Base: up}), "GET", "https://x.test/v1/files/file_unknown", "", "Anthropic-Version", "1")
	if resp.StatusCode != 400 || !strings.HasPrefix(text, `{"type":"error","error":{"type":"invalid_request_error"`) {
		t.Errorf("Anthropic: %d %s", resp.StatusCode, text)
	}
}

// What a tool is called with is no id of a provider, whatever its name.
func TestArgumentsOfToolsNameNoIDs(t *testing.T) {
	up := always(anthropicAnswer)
	tr := newTransport(t, routex.Config{Channels: three(anthropicChannel), Base: up})
	const body = `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x \"file_id\":\"file-1\""},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{"file_id":"file-1","previous_response_id":"resp_1"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"{\"file_id\":\"file-1\"}"}]}],"tools":[{"name":"n","input_schema":{"type":"object","properties":{"file_id":{"type":"string"}}}}]}`
	if resp, text, _ := ask(t, tr, "POST", "https://x.test/v1/messages", body); resp.StatusCode != 200 {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	const unknown = `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],"conversation":"c","previous_response_id":"r","input_file_id":"f","cachedContent":"c"}`
	if resp, text, _ := ask(t, tr, "POST", "https://x.test/v1/messages", unknown); resp.StatusCode != 200 {
		t.Errorf("fields of another protocol: %d %s", resp.StatusCode, text)
	}
}

func TestIDsOfTwoChannelsInOneCall(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: three(responsesChannel), Base: minting()})
	for _, name := range []string{"a", "b"} {
		ask(t, tr, "POST", "https://x.test/v1/files", "{}", "X-Routex-Channel", name)
	}
	resp, text, _ := ask(t, tr, "POST", "https://x.test/v1/responses", `{"model":"m","previous_response_id":"file-a","input":[{"role":"user","content":[{"type":"input_file","file_id":"file-b"}]}]}`)
	if resp.StatusCode != 400 || !strings.Contains(text, "file_id") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

// Answers that their provider does not keep cannot be named again.
func TestAnswersThatAreNotStoredAreNotBound(t *testing.T) {
	kept := &ledger{}
	tr := newTransport(t, routex.Config{Channels: three(responsesChannel), Base: minting(), Bindings: kept})
	ask(t, tr, "POST", "https://x.test/v1/responses", `{"model":"m","input":"hi","store":false}`)
	ask(t, tr, "POST", "https://x.test/v1/responses", `{"model":"m","input":"hi","store":false,"stream":true}`)
	if len(kept.ids) != 0 {
		t.Errorf("bound %v", kept.ids)
	}
}

// ledger is a host's memory of ids.
type ledger struct {
	mu    sync.Mutex
	ids   map[string]string // under mu
	asked int               // under mu
}

func (l *ledger) Bind(id, channelID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		l.ids = make(map[string]string)
	}
	l.ids[id] = channelID
}

func (l *ledger) Channel(_ context.Context, id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return l.ids[id]
}

func TestAHostCanKeepBindings(t *testing.T) {
	kept := &ledger{}
	cfg := routex.Config{Channels: three(responsesChannel), Base: minting(), Bindings: kept, MaxBindings: 2}
	tr := newTransport(t, cfg)
	_, _, d := ask(t, tr, "POST", "https://x.test/v1/responses", `{"model":"m","input":"hi"}`)
	home := d.Channel
	long := "file-" + strings.Repeat("x", 500)
	for _, other := range []string{"a", "b", "c"} { // which push the first one out of the memory
		ask(t, tr, "POST", "https://x.test/v1/files", "{}", "X-Routex-Channel", other)
	}
	for range 2 {
		if _, text, d := ask(t, tr, "GET", "https://x.test/v1/responses/resp_"+home, ""); d.Channel != home {
			t.Errorf("it went to %q, not to %q: %s", d.Channel, home, text)
		}
	}
	if kept.asked != 1 {
		t.Errorf("the host was asked %d times", kept.asked)
	}
	again := newTransport(t, cfg)
	if _, _, d := ask(t, again, "GET", "https://x.test/v1/responses/resp_"+home, ""); d.Channel != home {
		t.Errorf("after a restart it went to %q", d.Channel)
	}
	if resp, _, _ := ask(t, again, "GET", "https://x.test/v1/files/"+long, ""); resp.StatusCode != 400 {
		t.Error("a long id was found")
	}
	cfg.Channels = cfg.Channels[:2]
	for i := range cfg.Channels {
		if cfg.Channels[i].Name == home {
			cfg.Channels[i] = responsesChannel("new", "https://new.test")
		}
	}
	if err := again.Update(cfg); err != nil {
		t.Fatal(err)
	}
	if resp, text, _ := ask(t, again, "GET", "https://x.test/v1/responses/resp_"+home, ""); home != "c" && resp.StatusCode != 400 {
		t.Errorf("the channel is gone: %d %s", resp.StatusCode, text)
	}
}

func TestBindingsOutliveUpdates(t *testing.T) {
	cfg := routex.Config{Channels: three(responsesChannel), Base: minting()}
	tr := newTransport(t, cfg)
	ask(t, tr, "POST", "https://x.test/v1/files", "{}", "X-Routex-Channel", "c")
	cfg.MaxAttempts = 3
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	if _, _, d := ask(t, tr, "GET", "https://x.test/v1/files/file-c", ""); d.Channel != "c" {
		t.Errorf("it went to %q", d.Channel)
	}
	cfg.Channels[2].Disabled = true
	if err := tr.Update(cfg); err != nil {
		t.Fatal(err)
	}
	resp, text, d := ask(t, tr, "GET", "https://x.test/v1/files/file-c", "")
	if resp.StatusCode != 503 || len(d.Attempts) != 0 {
		t.Errorf("the channel is disabled: %d %s", resp.StatusCode, text)
	}
}

func TestTheIDOfAnUploadIsBound(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: three(openAIChannel), Base: minting()})
	resp, _, err := upload(t, tr, io.NopCloser(strings.NewReader("--x--")), -1)
	if err != nil {
		t.Fatal(err)
	}
	readBody(t, resp)
	if _, text, d := ask(t, tr, "GET", "https://x.test/v1/files/file-a", ""); d.Channel != "a" {
		t.Errorf("it went to %q: %s", d.Channel, text)
	}
}

func TestTheContentOfFilesBindsNothing(t *testing.T) {
	up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
		name, _, _ := strings.Cut(r.URL.Host, ".")
		if strings.HasSuffix(r.URL.Path, "/content") {
			return respond(200, "application/json", `{"id":"file-c","data":[{"id":"file-c"}]}`)
		}
		return respond(200, "application/json", `{"id":"file-`+name+`"}`)
	}}
	tr := newTransport(t, routex.Config{Channels: three(openAIChannel), Base: up})
	for _, ch := range []string{"b", "c"} {
		ask(t, tr, "POST", "https://x.test/v1/files", "{}", "X-Routex-Channel", ch)
	}
	ask(t, tr, "GET", "https://x.test/v1/files/file-b/content", "")
	if _, text, d := ask(t, tr, "GET", "https://x.test/v1/files/file-c", ""); d.Channel != "c" {
		t.Errorf("went to %q: %s", d.Channel, text)
	}
}

func TestGeminisOtherMethodsOfModels(t *testing.T) {
	up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
		name, _, _ := strings.Cut(r.URL.Host, ".")
		return respond(200, "application/json", `{"name":"models/veo-3/operations/op-`+name+`"}`)
	}}
	list := three(googleChannel)
	list[0].Models, list[1].Models, list[2].Models = []string{"other"}, []string{"a third"}, []string{"veo"}
	list[2].ModelMap = map[string]string{"veo": "veo-3"}
	h := newTransport(t, routex.Config{Channels: list, Base: up}).Handler()
	for _, call := range []struct{ method, path, want string }{
		{"POST", "/v1beta/models/veo:predictLongRunning", "https://c.test/v1beta/models/veo-3:predictLongRunning"},
		{"GET", "/v1beta/models/veo-3/operations/op-c", "https://c.test/v1beta/models/veo-3/operations/op-c"},
		{"POST", "/v1beta/models/other:predict", "https://a.test/v1beta/models/other:predict"},
	} {
		if w := serve(t, h, call.method, call.path, "{}"); w.Code != 200 || up.last().url != call.want {
			t.Errorf("%s %s: %d %s, sent to %s", call.method, call.path, w.Code, w.Body, up.last().url)
		}
	}
	if w := serve(t, h, "POST", "/v1beta/models/nobodys:predict", "{}"); w.Code != 404 {
		t.Errorf("a model that no channel has: %d %s", w.Code, w.Body)
	}
}
