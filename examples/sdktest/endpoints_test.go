package sdktest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// gateway serves channels of three protocols over HTTP, as the server does.
func gateway(t *testing.T, kinds ...routex.Channel) (url string, providers map[string]*routextest.Provider) {
	t.Helper()
	providers = make(map[string]*routextest.Provider)
	for i := range kinds {
		p := routextest.NewProvider(routextest.Options{Name: kinds[i].Name, APIKey: "the-channel's"})
		s := p.Start()
		t.Cleanup(s.Close)
		kinds[i].BaseURL, kinds[i].APIKey = s.URL, "the-channel's"
		providers[kinds[i].Name] = p
	}
	transport, err := routex.New(routex.Config{Channels: kinds})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(transport.Handler())
	t.Cleanup(server.Close)
	return server.URL, providers
}

func openAIClient(url string) openai.Client {
	return openai.NewClient(option.WithAPIKey("the-caller's"), option.WithBaseURL(url+"/v1"), option.WithMaxRetries(0))
}

func anthropicClient(url string) anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithAPIKey("the-caller's"), anthropicoption.WithBaseURL(url), anthropicoption.WithMaxRetries(0))
}

func TestModelsAreListedInEverySDKsShape(t *testing.T) {
	url, providers := gateway(t, routex.Channel{Name: "up", Type: routex.TypeAnthropic, Models: []string{"claude-1", "claude-2", "claude-3"}})
	var names []string
	oc, ac := openAIClient(url), anthropicClient(url)
	for pages := oc.Models.ListAutoPaging(t.Context()); pages.Next(); {
		names = append(names, pages.Current().ID)
	}
	pages := ac.Models.ListAutoPaging(t.Context(), anthropic.ModelListParams{Limit: anthropic.Int(2)})
	for pages.Next() {
		names = append(names, pages.Current().ID)
	}
	if got := strings.Join(names, " "); got != "claude-1 claude-2 claude-3 claude-1 claude-2 claude-3" || pages.Err() != nil {
		t.Errorf("%s %v", got, pages.Err())
	}
	gc, err := genai.NewClient(t.Context(), &genai.ClientConfig{APIKey: "the-caller's", Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: url}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := gc.Models.List(t.Context(), &genai.ListModelsConfig{PageSize: 2})
	if err != nil || len(page.Items) != 2 || page.Items[1].Name != "models/claude-2" {
		t.Fatalf("%+v %v", page, err)
	}
	if page, err = page.Next(t.Context()); err != nil || len(page.Items) != 1 || page.Items[0].Name != "models/claude-3" {
		t.Errorf("%+v %v", page, err)
	}
	if _, err := page.Next(t.Context()); !errors.Is(err, genai.ErrPageDone) {
		t.Errorf("after the last page: %v", err)
	}
	if m, err := gc.Models.Get(t.Context(), "claude-2", nil); err != nil || m.DisplayName != "claude-2" {
		t.Errorf("%+v %v", m, err)
	}
	if m, err := ac.Models.Get(t.Context(), "claude-2", anthropic.ModelGetParams{}); err != nil || m.DisplayName != "claude-2" {
		t.Errorf("%+v %v", m, err)
	}
	if m, err := oc.Models.Get(t.Context(), "nope"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("%+v %v", m, err)
	}
	if providers["up"].Count() != 0 {
		t.Error("the channel was asked")
	}
}

func TestResponsesStayWithTheChannelThatKeepsThem(t *testing.T) {
	url, providers := gateway(t, routex.Channel{Name: "a", Type: routex.TypeOpenAI, API: routex.APIResponses}, routex.Channel{Name: "b", Type: routex.TypeOpenAI, API: routex.APIResponses})
	c := openAIClient(url)
	for range 6 {
		first, err := c.Responses.New(t.Context(), responses.ResponseNewParams{Model: "m", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("hi")}})
		if err != nil {
			t.Fatal(err)
		}
		before := [2]int{providers["a"].Count(), providers["b"].Count()}
		var raw *http.Response
		next, err := c.Responses.New(t.Context(), responses.ResponseNewParams{
			Model: "m", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("more")}, PreviousResponseID: openai.String(first.ID),
		}, option.WithResponseInto(&raw))
		if err != nil {
			t.Fatal(err)
		}
		home := raw.Header.Get("X-Channel-Name")
		if got, err := c.Responses.Get(t.Context(), next.ID, responses.ResponseGetParams{}, option.WithResponseInto(&raw)); err != nil || got.ID != next.ID || raw.Header.Get("X-Channel-Name") != home {
			t.Errorf("%v %+v from %s, not %s", err, got, raw.Header.Get("X-Channel-Name"), home)
		}
		if after := providers[home].Count(); after == before[strings.Index("ab", home)] {
			t.Errorf("%s was not asked", home)
		}
	}
	if _, err := c.Responses.Get(t.Context(), "resp_unheard", responses.ResponseGetParams{}); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("an unknown id: %v", err)
	}
}
