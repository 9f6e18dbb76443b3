package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

func askAnthropicV1(ctx context.Context, h *http.Client, q question, stream bool) reading {
	c := anthropic.NewClient(
		option.WithAPIKey("the-caller's"), option.WithHTTPClient(h), option.WithBaseURL("https://api.anthropic.test"), option.WithMaxRetries(0),
	)
	params := askAnthropicV1Params(q)
	if !stream {
		m, err := c.Messages.New(ctx, params)
		return readAnthropicV1(m, err)
	}
	s := c.Messages.NewStreaming(ctx, params)
	defer func() { _ = s.Close() }()
	var m anthropic.Message
	for s.Next() {
		if err := m.Accumulate(s.Current()); err != nil {
			return readAnthropicV1(&m, err)
		}
	}
	return readAnthropicV1(&m, s.Err())
}

func askAnthropicV1Params(q question) anthropic.MessageNewParams {
	p := anthropic.MessageNewParams{Model: "asked-for", MaxTokens: max(q.MaxTokens, 1)}
	if q.System != "" {
		p.System = []anthropic.TextBlockParam{{Text: q.System}}
	}
	for i, t := range q.Turns {
		var blocks []anthropic.ContentBlockParamUnion
		for _, r := range t.Results {
			blocks = append(blocks, anthropic.NewToolResultBlock(r.ID, r.Text, r.Failed))
		}
		if t.Text != "" {
			blocks = append(blocks, anthropic.NewTextBlock(t.Text))
		}
		if q.Image && i == 0 {
			blocks = append(blocks, anthropic.NewImageBlockBase64("image/png", pixel))
		}
		for _, call := range t.Calls {
			blocks = append(blocks, anthropic.NewToolUseBlock(call.ID, json.RawMessage(call.Args), call.Name))
		}
		if t.Assistant {
			p.Messages = append(p.Messages, anthropic.NewAssistantMessage(blocks...))
		} else {
			p.Messages = append(p.Messages, anthropic.NewUserMessage(blocks...))
		}
	}
	if q.Tools {
		for _, t := range tools() {
			p.Tools = append(p.Tools, anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
				Name: t.name, Description: anthropic.String(t.description),
				InputSchema: anthropic.ToolInputSchemaParam{Properties: t.properties, Required: t.required},
			}})
		}
		if q.Must {
			p.ToolChoice = anthropic.ToolChoiceUnionParam{OfAny: &anthropic.ToolChoiceAnyParam{}}
		}
	}
	return p
}

func readAnthropicV1(m *anthropic.Message, err error) (r reading) {
	if err != nil {
		r.Status, r.Problem = -1, err.Error()
		if e, ok := errors.AsType[*anthropic.Error](err); ok {
			r.Status = e.StatusCode
		}
	}
	if m == nil {
		return r
	}
	for _, block := range m.Content {
		switch block.Type {
		case "text":
			r.Text += block.Text
		case "tool_use":
			r.Calls = append(r.Calls, toolCall{block.ID, block.Name, string(block.Input)})
		}
	}
	switch m.StopReason {
	case anthropic.StopReasonEndTurn:
		r.Stop = "end"
	case anthropic.StopReasonMaxTokens:
		r.Stop = "length"
	case anthropic.StopReasonToolUse:
		r.Stop = "tool"
	default:
		r.Stop = string(m.StopReason)
	}
	r.In, r.Out, r.Cached = m.Usage.InputTokens, m.Usage.OutputTokens, m.Usage.CacheReadInputTokens
	r.ID, r.Model, r.Object = m.ID, m.Model, string(m.Type)
	return r
}
