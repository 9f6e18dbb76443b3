package sdktest

import (
	"context"
	"errors"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

func askResponses(ctx context.Context, h *http.Client, q question, stream bool) reading {
	c := openAI(h)
	params := paramsResponses(q)
	if !stream {
		m, err := c.Responses.New(ctx, params)
		return readResponses(m, err)
	}
	s := c.Responses.NewStreaming(ctx, params)
	defer func() { _ = s.Close() }()
	var last *responses.Response
	var deltas reading // what was told before the end
	for s.Next() {
		switch ev := s.Current(); ev.Type {
		case "response.output_text.delta":
			deltas.Text += ev.Delta
		case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
			deltas.Reasoning += ev.Delta
		case "response.refusal.delta":
			deltas.Refusal += ev.Delta
		case "error":
			return reading{Text: deltas.Text, Status: -1, Problem: ev.Message}
		case "response.completed", "response.incomplete", "response.failed":
			last = &ev.Response
		}
	}
	r := readResponses(last, s.Err())
	switch {
	case r.Status != 0:
		r.Text = deltas.Text
	case last == nil:
		r = reading{Text: deltas.Text, Status: -1, Problem: "the stream ended without an end"}
	case r.Text != deltas.Text || r.Reasoning != deltas.Reasoning || r.Refusal != deltas.Refusal:
		r.Status, r.Problem = -1, "the pieces are not the whole: "+deltas.Text+deltas.Reasoning+deltas.Refusal
	}
	return r
}

func paramsResponses(q question) responses.ResponseNewParams {
	p := responses.ResponseNewParams{Model: q.model(), MaxOutputTokens: openai.Int(max(q.MaxTokens, 16))}
	if q.System != "" {
		p.Instructions = openai.String(q.System)
	}
	for _, t := range q.Turns {
		p.Input.OfInputItemList = append(p.Input.OfInputItemList, itemsResponses(t)...)
	}
	if q.Think {
		p.Reasoning = shared.ReasoningParam{Effort: shared.ReasoningEffortMedium, Summary: shared.ReasoningSummaryAuto}
		p.Include, p.Store = []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent}, openai.Bool(false)
	}
	if q.User != "" {
		p.SafetyIdentifier = openai.String(q.User)
	}
	if q.Form {
		p.Text.Format.OfJSONSchema = &responses.ResponseFormatTextJSONSchemaConfigParam{Name: "forecast", Schema: formSchema(), Strict: openai.Bool(true)}
	}
	if q.Sampling {
		p.Temperature, p.TopP = openai.Float(0.5), openai.Float(0.9)
	}
	if q.Tools {
		toolsResponses(&p, q)
	}
	return p
}

func toolsResponses(p *responses.ResponseNewParams, q question) {
	for _, t := range q.tools() {
		p.Tools = append(p.Tools, responses.ToolUnionParam{OfFunction: &responses.FunctionToolParam{
			Name: t.name, Description: openai.String(t.description), Parameters: t.schema(), Strict: openai.Bool(false),
		}})
	}
	if q.TextTool {
		p.Tools = append(p.Tools, responses.ToolParamOfCustom("patch"))
	}
	switch q.Choice {
	case "":
	case "must":
		p.ToolChoice.OfToolChoiceMode = openai.Opt(responses.ToolChoiceOptionsRequired)
	case "none":
		p.ToolChoice.OfToolChoiceMode = openai.Opt(responses.ToolChoiceOptionsNone)
	default:
		p.ToolChoice.OfFunctionTool = &responses.ToolChoiceFunctionParam{Name: q.Choice}
	}
	if q.OneAtATime {
		p.ParallelToolCalls = openai.Bool(false)
	}
}

func itemsResponses(t turn) (out []responses.ResponseInputItemUnionParam) {
	if own, ok := t.Own.([]responses.ResponseInputItemUnionParam); ok {
		return own
	}
	for _, r := range t.Results {
		out = append(out, resultResponses(r))
	}
	var parts responses.ResponseInputMessageContentListParam
	if t.Text != "" {
		parts = append(parts, responses.ResponseInputContentParamOfInputText(t.Text))
	}
	if t.Image {
		parts = append(parts, responses.ResponseInputContentUnionParam{OfInputImage: &responses.ResponseInputImageParam{
			ImageURL: openai.String("data:image/png;base64," + pixel), Detail: responses.ResponseInputImageDetailAuto,
		}})
	}
	if t.Document {
		parts = append(parts, responses.ResponseInputContentUnionParam{OfInputFile: &responses.ResponseInputFileParam{
			Filename: openai.String("paper.pdf"), FileData: openai.String("data:application/pdf;base64," + paper),
		}})
	}
	switch {
	case t.System:
		out = append(out, responses.ResponseInputItemParamOfMessage(t.Text, responses.EasyInputMessageRoleSystem))
	case t.Assistant && t.Text != "":
		out = append(out, responses.ResponseInputItemParamOfMessage(t.Text, responses.EasyInputMessageRoleAssistant))
	case len(parts) > 0:
		out = append(out, responses.ResponseInputItemParamOfMessage(parts, responses.EasyInputMessageRoleUser))
	}
	for _, call := range t.Calls {
		out = append(out, responses.ResponseInputItemParamOfFunctionCall(call.Args, call.ID, call.Name))
	}
	return out
}

func resultResponses(r result) responses.ResponseInputItemUnionParam {
	text := r.Text
	if r.Failed {
		text = "[tool_error] " + text // the protocol has no field for it
	}
	output := responses.ResponseInputItemFunctionCallOutputOutputUnionParam{OfString: openai.String(text)}
	if r.Image {
		output = responses.ResponseInputItemFunctionCallOutputOutputUnionParam{OfResponseFunctionCallOutputItemArray: responses.ResponseFunctionCallOutputItemListParam{
			{OfInputText: &responses.ResponseInputTextContentParam{Text: text}},
			{OfInputImage: &responses.ResponseInputImageContentParam{ImageURL: openai.String("data:image/png;base64," + pixel)}},
		}}
	}
	return responses.ResponseInputItemUnionParam{OfFunctionCallOutput: &responses.ResponseInputItemFunctionCallOutputParam{
		CallID: openai.String(r.ID), Output: output,
	}}
}

func readResponses(m *responses.Response, err error) (r reading) {
	r.Status, r.Problem = openAIProblem(err)
	if m == nil {
		return r
	}
	var own []responses.ResponseInputItemUnionParam
	for _, item := range m.Output {
		switch item.Type {
		case "reasoning":
			thought := item.AsReasoning()
			for _, part := range thought.Summary {
				r.Reasoning += part.Text
			}
			for _, part := range thought.Content {
				r.Reasoning += part.Text
			}
			p := thought.ToParam()
			own = append(own, responses.ResponseInputItemUnionParam{OfReasoning: &p})
		case "message":
			message := item.AsMessage()
			for _, part := range message.Content {
				r.Text += part.Text
				r.Refusal += part.Refusal
			}
			p := message.ToParam()
			own = append(own, responses.ResponseInputItemUnionParam{OfOutputMessage: &p})
		case "function_call":
			call := item.AsFunctionCall()
			r.Calls = append(r.Calls, toolCall{call.CallID, call.Name, call.Arguments})
			p := call.ToParam()
			own = append(own, responses.ResponseInputItemUnionParam{OfFunctionCall: &p})
		case "custom_tool_call":
			call := item.AsCustomToolCall()
			r.Calls = append(r.Calls, toolCall{call.CallID, call.Name, call.Input})
			p := call.ToParam()
			own = append(own, responses.ResponseInputItemUnionParam{OfCustomToolCall: &p})
		}
	}
	r.Own, r.Stop = own, stopResponses(m, r)
	r.Cached, r.Thought = m.Usage.InputTokensDetails.CachedTokens, m.Usage.OutputTokensDetails.ReasoningTokens
	r.In, r.Out = m.Usage.InputTokens-r.Cached, m.Usage.OutputTokens
	r.ID, r.Model, r.Object = m.ID, m.Model, string(m.Object)
	if m.Status == responses.ResponseStatusFailed && err == nil {
		_, r.Problem = openAIProblem(errors.New(m.Error.Message))
		r.Status = -1
	}
	return r
}

func stopResponses(m *responses.Response, r reading) string {
	switch reason := m.IncompleteDetails.Reason; {
	case r.Refusal != "", reason == "content_filter":
		return "refusal"
	case reason == "max_output_tokens":
		return "length"
	case m.Status != responses.ResponseStatusCompleted:
		return string(m.Status)
	case len(r.Calls) > 0:
		return "tool"
	}
	return "end"
}
