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
	params := paramsAnthropicV1(q)
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

func paramsAnthropicV1(q question) anthropic.MessageNewParams {
	p := anthropic.MessageNewParams{Model: q.model(), MaxTokens: max(q.MaxTokens, 1)}
	if q.System != "" {
		p.System = []anthropic.TextBlockParam{{Text: q.System}}
	}
	for _, t := range q.Turns {
		p.Messages = append(p.Messages, turnAnthropicV1(t))
	}
	if q.Think {
		p.Thinking = anthropic.ThinkingConfigParamOfEnabled(2000)
	}
	if q.Form {
		p.OutputConfig.Format = anthropic.JSONOutputFormatParam{Schema: formSchema()}
	}
	if q.Sampling {
		p.Temperature, p.TopP = anthropic.Float(0.5), anthropic.Float(0.9)
	}
	if q.User != "" {
		p.Metadata.UserID = anthropic.String(q.User)
	}
	if q.Stop {
		p.StopSequences = []string{"END"}
	}
	if q.Tools {
		toolsAnthropicV1(&p, q)
	}
	return p
}

func toolsAnthropicV1(p *anthropic.MessageNewParams, q question) {
	for _, t := range q.tools() {
		p.Tools = append(p.Tools, anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
			Name: t.name, Description: anthropic.String(t.description),
			InputSchema: anthropic.ToolInputSchemaParam{Properties: t.properties, Required: t.required},
		}})
	}
	switch q.Choice {
	case "must":
		p.ToolChoice = anthropic.ToolChoiceUnionParam{OfAny: &anthropic.ToolChoiceAnyParam{}}
	case "none":
		p.ToolChoice = anthropic.ToolChoiceUnionParam{OfNone: &anthropic.ToolChoiceNoneParam{}}
	case "":
		if q.OneAtATime {
			p.ToolChoice = anthropic.ToolChoiceUnionParam{OfAuto: &anthropic.ToolChoiceAutoParam{DisableParallelToolUse: anthropic.Bool(true)}}
		}
	default:
		p.ToolChoice = anthropic.ToolChoiceParamOfTool(q.Choice)
	}
}

func turnAnthropicV1(t turn) anthropic.MessageParam {
	if own, ok := t.Own.(anthropic.MessageParam); ok {
		return own
	}
	var blocks []anthropic.ContentBlockParamUnion
	for _, r := range t.Results {
		block := anthropic.NewToolResultBlock(r.ID, r.Text, r.Failed)
		if r.Image {
			block.OfToolResult.Content = append(block.OfToolResult.Content, anthropic.ToolResultBlockParamContentUnion{
				OfImage: anthropic.NewImageBlockBase64("image/png", pixel).OfImage,
			})
		}
		blocks = append(blocks, block)
	}
	if t.Text != "" {
		blocks = append(blocks, anthropic.NewTextBlock(t.Text))
	}
	if t.Image {
		blocks = append(blocks, anthropic.NewImageBlockBase64("image/png", pixel))
	}
	if t.Document {
		blocks = append(blocks, anthropic.NewDocumentBlock(anthropic.Base64PDFSourceParam{Data: paper}))
	}
	for _, call := range t.Calls {
		blocks = append(blocks, anthropic.NewToolUseBlock(call.ID, json.RawMessage(call.Args), call.Name))
	}
	if t.Assistant {
		return anthropic.NewAssistantMessage(blocks...)
	}
	return anthropic.NewUserMessage(blocks...)
}

func readAnthropicV1(m *anthropic.Message, err error) (r reading) {
	if err != nil {
		r.Status, r.Problem = -1, err.Error()
		if e, ok := errors.AsType[*anthropic.Error](err); ok && e.StatusCode != http.StatusOK {
			r.Status = e.StatusCode
		}
	}
	if m == nil {
		return r
	}
	for _, block := range m.Content {
		switch block.Type {
		case "thinking":
			r.Reasoning += block.Thinking
		case "text":
			r.Text += block.Text
		case "tool_use":
			r.Calls = append(r.Calls, toolCall{block.ID, block.Name, string(block.Input)})
		}
	}
	r.Stop = map[anthropic.StopReason]string{
		anthropic.StopReasonEndTurn: "end", anthropic.StopReasonMaxTokens: "length", anthropic.StopReasonToolUse: "tool",
	}[m.StopReason]
	if r.Stop == "" {
		r.Stop = string(m.StopReason)
	}
	r.In, r.Out, r.Cached = m.Usage.InputTokens, m.Usage.OutputTokens, m.Usage.CacheReadInputTokens
	r.Thought = m.Usage.OutputTokensDetails.ThinkingTokens
	r.ID, r.Model, r.Object = m.ID, m.Model, string(m.Type)
	if err == nil {
		r.Own = m.ToParam()
	}
	return r
}
