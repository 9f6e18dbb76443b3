package ruletest_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

// taken says what a provider that refuses what the real ones refuse has against
// a request.
func taken(t *testing.T, r ruletest.Request) string {
	t.Helper()
	req, err := r.HTTP(t.Context())
	if err != nil {
		return err.Error()
	}
	w := httptest.NewRecorder()
	routextest.NewProvider(routextest.Options{}).ServeHTTP(w, req)
	if body, _ := io.ReadAll(w.Result().Body); w.Code != 200 {
		return string(body)
	}
	return ""
}

func TestProvidersTakeTheSamples(t *testing.T) {
	for _, protocol := range transform.Dialects() {
		for _, s := range ruletest.Samples(protocol) {
			if why := taken(t, s.Request); why != "" {
				t.Errorf("%s: %s is refused: %s", protocol, s.Name, why)
			}
		}
	}
}

// Rules see in each protocol what the sample is for.
func TestSamplesAreWhatTheyAreCalled(t *testing.T) {
	rules, err := router.Compile([]router.Rule{
		{Name: "agent", Condition: router.Condition{ToolName: "^Edit$"}, TargetModel: "x"},
		{Name: "background", Type: router.Background, TargetModel: "x"},
		{Name: "image", Type: router.Image, TargetModel: "x"},
		{Name: "long-context", Type: router.LongContext, TargetModel: "x"},
		{Name: "thinking", Type: router.Think, TargetModel: "x"},
		{Name: "tools", Condition: router.Condition{ToolName: "track_parcel"}, TargetModel: "x"},
		{Name: "web-search", Type: router.WebSearch, TargetModel: "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, protocol := range transform.Dialects() {
		var cases []ruletest.Case
		for _, s := range ruletest.Samples(protocol) {
			cases = append(cases, ruletest.Case{Name: string(protocol) + " " + s.Name, Request: s.Request, Rule: s.Name})
		}
		ruletest.Run(t, rules, cases).Require(t)
	}
}

func TestALongRequestIsAsLongAsItSays(t *testing.T) {
	for _, want := range []int{1000, 20_000, 200_000} {
		body, err := ruletest.Chat("gpt-4o", "").Long(want).Body()
		if err != nil {
			t.Fatal(err)
		}
		r, err := router.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Tokens(); got < want*95/100 || got > want*105/100 {
			t.Errorf("about %d tokens, want %d", got, want)
		}
	}
}

func TestMembersOfAgents(t *testing.T) {
	req, err := ruletest.SampleAgent(transform.Anthropic).HTTP(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	if id := req.Header.Get("X-Claude-Code-Session-Id"); id == "" || !strings.Contains(gjson.GetBytes(body, "metadata.user_id").Str, id) {
		t.Errorf("the session %q is not that of %s", id, gjson.GetBytes(body, "metadata").Raw)
	}
	if req.URL.RequestURI() != "/v1/messages?beta=true" || !gjson.GetBytes(body, "system.1.cache_control").Exists() {
		t.Errorf("%s: %s", req.URL, gjson.GetBytes(body, "system").Raw)
	}
}
