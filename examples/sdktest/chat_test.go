package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/respjson"
	"github.com/openai/openai-go/v3/shared"
)

func openAI(h *http.Client) openai.Client {
	return openai.NewClient(
		option.WithAPIKey("the-caller's"), option.WithHTTPClient(h), option.WithBaseURL("https://api.openai.test/v1"), option.WithMaxRetries(0),
	)
}

func askChat(ctx context.Context, h *http.Client, q question, stream bool) reading {
	c := openAI(h)
	params := paramsChat(q)
	if !stream {
		m, err := c.Chat.Completions.New(ctx, params)
		var beside extras
		if err == nil && len(m.Choices) > 0 {
			beside.add(m.Choices[0].Message.JSON.ExtraFields)
		}
		return readChat(m, beside, err)
	}
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	s := c.Chat.Completions.NewStreaming(ctx, params)
	defer func() { _ = s.Close() }()
	var acc openai.ChatCompletionAccumulator
	var beside extras
	for s.Next() {
		chunk := s.Current()
		if !acc.AddChunk(chunk) {
			return readChat(&acc.ChatCompletion, beside, errors.New("the accumulator refused a chunk: "+chunk.RawJSON()))
		}
		if len(chunk.Choices) > 0 {
			beside.add(chunk.Choices[0].Delta.JSON.ExtraFields)
		}
	}
	return readChat(&acc.ChatCompletion, beside, s.Err())
}

// extras are the members of a message that the protocol does not have but its
// servers do. The SDK hands them over as they are; they have to be kept and
// sent back by hand.
type extras struct {
	reasoning string
	details   []any
}

func (e *extras) add(fields map[string]respjson.Field) {
	var text string
	if json.Unmarshal([]byte(fields["reasoning_content"].Raw()), &text) == nil {
		e.reasoning += text
	}
	var details []any
	if json.Unmarshal([]byte(fields["reasoning_details"].Raw()), &details) == nil {
		e.details = append(e.details, details...)
	}
}

func paramsChat(q question) openai.ChatCompletionNewParams {
	p := openai.ChatCompletionNewParams{Model: q.model(), MaxCompletionTokens: openai.Int(max(q.MaxTokens, 1))}
	if q.System != "" {
		p.Messages = append(p.Messages, openai.SystemMessage(q.System))
	}
	for _, t := range q.Turns {
		p.Messages = append(p.Messages, turnsChat(t)...)
	}
	if q.Think {
		p.ReasoningEffort = shared.ReasoningEffortMedium
	}
	if q.Form {
		p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "forecast", Schema: formSchema(), Strict: openai.Bool(true)},
		}
	}
	if q.Sampling {
		p.Temperature, p.TopP = openai.Float(0.5), openai.Float(0.9)
	}
	if q.Answers > 0 {
		p.N = openai.Int(q.Answers)
	}
	if q.Seed > 0 {
		p.Seed = openai.Int(q.Seed)
	}
	if q.User != "" {
		p.SafetyIdentifier = openai.String(q.User)
	}
	if q.Stop {
		p.Stop.OfStringArray = []string{"END"}
	}
	if q.Tools {
		toolsChat(&p, q)
	}
	return p
}

func toolsChat(p *openai.ChatCompletionNewParams, q question) {
	for _, t := range q.tools() {
		p.Tools = append(p.Tools, openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: t.name, Description: openai.String(t.description), Parameters: t.schema(),
		}))
	}
	switch q.Choice {
	case "":
	case "must":
		p.ToolChoice.OfAuto = openai.String("required")
	case "none":
		p.ToolChoice.OfAuto = openai.String("none")
	default:
		p.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: q.Choice})
	}
	if q.OneAtATime {
		p.ParallelToolCalls = openai.Bool(false)
	}
}

func turnsChat(t turn) (out []openai.ChatCompletionMessageParamUnion) {
	if own, ok := t.Own.(openai.ChatCompletionMessageParamUnion); ok {
		return append(out, own)
	}
	if t.System {
		return append(out, openai.SystemMessage(t.Text))
	}
	for _, r := range t.Results {
		text := r.Text
		if r.Failed {
			text = "[tool_error] " + text // the protocol has no field for it
		}
		out = append(out, openai.ToolMessage(text, r.ID))
	}
	if t.Assistant {
		return append(out, assistantChat(t))
	}
	var parts []openai.ChatCompletionContentPartUnionParam
	if t.Text != "" {
		parts = append(parts, openai.TextContentPart(t.Text))
	}
	if t.Image {
		parts = append(parts, openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + pixel}))
	}
	if t.Document {
		parts = append(parts, openai.FileContentPart(openai.ChatCompletionContentPartFileFileParam{
			Filename: openai.String("paper.pdf"), FileData: openai.String("data:application/pdf;base64," + paper),
		}))
	}
	if len(parts) > 0 {
		out = append(out, openai.UserMessage(parts))
	}
	return out
}

func assistantChat(t turn) openai.ChatCompletionMessageParamUnion {
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
	return openai.ChatCompletionMessageParamUnion{OfAssistant: &m}
}

func readChat(m *openai.ChatCompletion, beside extras, err error) (r reading) {
	r.Status, r.Problem = openAIProblem(err)
	if m == nil || len(m.Choices) == 0 {
		return r
	}
	choice := m.Choices[0]
	r.Text, r.Refusal, r.Reasoning = choice.Message.Content, choice.Message.Refusal, beside.reasoning
	for _, call := range choice.Message.ToolCalls {
		r.Calls = append(r.Calls, toolCall{call.ID, call.Function.Name, call.Function.Arguments})
	}
	r.Stop = map[string]string{"stop": "end", "length": "length", "tool_calls": "tool", "content_filter": "refusal"}[choice.FinishReason]
	if r.Stop == "" {
		r.Stop = choice.FinishReason
	}
	if r.Refusal != "" {
		r.Stop = "refusal"
	}
	r.Cached, r.Thought = m.Usage.PromptTokensDetails.CachedTokens, m.Usage.CompletionTokensDetails.ReasoningTokens
	r.In, r.Out = m.Usage.PromptTokens-r.Cached, m.Usage.CompletionTokens
	r.ID, r.Model, r.Object = m.ID, m.Model, string(m.Object)
	own := assistantChat(turn{Text: r.Text, Calls: r.Calls})
	if len(beside.details) > 0 || beside.reasoning != "" {
		own.OfAssistant.SetExtraFields(map[string]any{"reasoning_content": beside.reasoning, "reasoning_details": beside.details})
	}
	r.Own = own
	return r
}

// openAIProblem reads an error of the SDK.
func openAIProblem(err error) (status int, problem string) {
	if err == nil {
		return 0, ""
	}
	if e, ok := errors.AsType[*openai.Error](err); ok && e.StatusCode != 0 {
		return e.StatusCode, e.Message
	}
	return -1, err.Error()
}
