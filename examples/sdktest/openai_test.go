package sdktest

import (
	"context"
	"errors"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

func askOpenAI(ctx context.Context, h *http.Client, q question, stream bool) reading {
	c := openai.NewClient(
		option.WithAPIKey("the-caller's"), option.WithHTTPClient(h), option.WithBaseURL("https://api.openai.test/v1"), option.WithMaxRetries(0),
	)
	params := askOpenAIParams(q)
	if !stream {
		m, err := c.Chat.Completions.New(ctx, params)
		return readOpenAI(m, err)
	}
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	s := c.Chat.Completions.NewStreaming(ctx, params)
	defer func() { _ = s.Close() }()
	var acc openai.ChatCompletionAccumulator
	for s.Next() {
		if !acc.AddChunk(s.Current()) {
			return readOpenAI(&acc.ChatCompletion, errors.New("the accumulator refused a chunk: "+s.Current().RawJSON()))
		}
	}
	return readOpenAI(&acc.ChatCompletion, s.Err())
}

func askOpenAIParams(q question) openai.ChatCompletionNewParams {
	p := openai.ChatCompletionNewParams{Model: "asked-for", MaxCompletionTokens: openai.Int(max(q.MaxTokens, 1))}
	if q.System != "" {
		p.Messages = append(p.Messages, openai.SystemMessage(q.System))
	}
	for i, t := range q.Turns {
		p.Messages = append(p.Messages, openAIMessages(t, q.Image && i == 0)...)
	}
	if q.Tools {
		for _, t := range tools() {
			schema := shared.FunctionParameters{"type": "object", "properties": t.properties}
			if t.required != nil {
				schema["required"] = t.required
			}
			p.Tools = append(p.Tools, openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
				Name: t.name, Description: openai.String(t.description), Parameters: schema,
			}))
		}
		if q.Must {
			p.ToolChoice.OfAuto = openai.String("required")
		}
	}
	return p
}

func openAIMessages(t turn, image bool) (out []openai.ChatCompletionMessageParamUnion) {
	for _, r := range t.Results {
		text := r.Text
		if r.Failed {
			text = "[tool_error] " + text // the protocol has no field for it
		}
		out = append(out, openai.ToolMessage(text, r.ID))
	}
	switch {
	case t.Assistant:
		m := openai.ChatCompletionAssistantMessageParam{}
		if t.Text != "" {
			m.Content.OfString = openai.String(t.Text)
		}
		for _, call := range t.Calls {
			m.ToolCalls = append(m.ToolCalls, openai.ChatCompletionMessageToolCallUnionParam{
				OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{
					ID: call.ID, Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: call.Name, Arguments: call.Args},
				},
			})
		}
		out = append(out, openai.ChatCompletionMessageParamUnion{OfAssistant: &m})
	case image:
		out = append(out, openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart(t.Text),
			openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + pixel}),
		}))
	case t.Text != "":
		out = append(out, openai.UserMessage(t.Text))
	}
	return out
}

func readOpenAI(m *openai.ChatCompletion, err error) (r reading) {
	if err != nil {
		r.Status, r.Problem = -1, err.Error()
		if e, ok := errors.AsType[*openai.Error](err); ok && e.StatusCode != 0 {
			r.Status, r.Problem = e.StatusCode, e.Message
		}
	}
	if m == nil || len(m.Choices) == 0 {
		return r
	}
	choice := m.Choices[0]
	r.Text = choice.Message.Content
	for _, call := range choice.Message.ToolCalls {
		r.Calls = append(r.Calls, toolCall{call.ID, call.Function.Name, call.Function.Arguments})
	}
	r.Stop = map[string]string{"stop": "end", "length": "length", "tool_calls": "tool", "content_filter": "refusal"}[choice.FinishReason]
	if r.Stop == "" {
		r.Stop = choice.FinishReason
	}
	r.Cached = m.Usage.PromptTokensDetails.CachedTokens
	r.In, r.Out = m.Usage.PromptTokens-r.Cached, m.Usage.CompletionTokens
	r.ID, r.Model, r.Object = m.ID, m.Model, string(m.Object)
	return r
}
