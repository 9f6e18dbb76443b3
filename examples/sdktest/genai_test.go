package sdktest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"google.golang.org/genai"
)

func askGemini(ctx context.Context, h *http.Client, q question, stream bool) reading {
	c, err := genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: "the-caller's", Backend: genai.BackendGeminiAPI, HTTPClient: h, HTTPOptions: genai.HTTPOptions{BaseURL: "https://gemini.test"},
	})
	if err != nil {
		return reading{Status: -1, Problem: err.Error()}
	}
	contents, config := paramsGemini(q)
	if !stream {
		m, err := c.Models.GenerateContent(ctx, q.model(), contents, config)
		return readGemini(m, err)
	}
	var all genai.GenerateContentResponse
	for m, err := range c.Models.GenerateContentStream(ctx, q.model(), contents, config) {
		if err != nil {
			return readGemini(&all, err)
		}
		joinGemini(&all, m)
	}
	return readGemini(&all, nil)
}

// joinGemini adds a piece of a stream to the answer.
func joinGemini(all, m *genai.GenerateContentResponse) {
	all.ResponseID, all.ModelVersion = m.ResponseID, m.ModelVersion
	if m.UsageMetadata != nil {
		all.UsageMetadata = m.UsageMetadata
	}
	if m.PromptFeedback != nil {
		all.PromptFeedback = m.PromptFeedback
	}
	if len(m.Candidates) == 0 {
		return
	}
	if len(all.Candidates) == 0 {
		all.Candidates = []*genai.Candidate{{Content: &genai.Content{Role: "model"}}}
	}
	piece, whole := m.Candidates[0], all.Candidates[0]
	if piece.Content != nil {
		for _, part := range piece.Content.Parts {
			if part.Text != "" || part.FunctionCall != nil || len(part.ThoughtSignature) > 0 {
				whole.Content.Parts = append(whole.Content.Parts, part)
			}
		}
	}
	if piece.FinishReason != "" {
		whole.FinishReason = piece.FinishReason
	}
}

func paramsGemini(q question) (contents []*genai.Content, p *genai.GenerateContentConfig) {
	p = &genai.GenerateContentConfig{MaxOutputTokens: int32(max(q.MaxTokens, 1))}
	if q.System != "" {
		p.SystemInstruction = genai.NewContentFromText(q.System, genai.RoleUser)
	}
	for _, t := range q.Turns {
		contents = append(contents, turnGemini(t))
	}
	if q.Think {
		p.ThinkingConfig = &genai.ThinkingConfig{IncludeThoughts: true, ThinkingBudget: genai.Ptr[int32](2000)}
	}
	if q.Form {
		p.ResponseMIMEType, p.ResponseJsonSchema = "application/json", formSchema()
	}
	if q.Sampling {
		p.Temperature, p.TopP = genai.Ptr[float32](0.5), genai.Ptr[float32](0.9)
	}
	if q.Answers > 0 {
		p.CandidateCount = int32(q.Answers)
	}
	if q.Seed > 0 {
		p.Seed = new(int32(q.Seed))
	}
	if q.Stop {
		p.StopSequences = []string{"END"}
	}
	if q.Tools {
		toolsGemini(p, q)
	}
	return contents, p
}

func toolsGemini(p *genai.GenerateContentConfig, q question) {
	var functions []*genai.FunctionDeclaration
	for _, t := range q.tools() {
		functions = append(functions, &genai.FunctionDeclaration{Name: t.name, Description: t.description, ParametersJsonSchema: t.schema()})
	}
	p.Tools = []*genai.Tool{{FunctionDeclarations: functions}}
	config := &genai.FunctionCallingConfig{}
	switch q.Choice {
	case "":
		return
	case "must":
		config.Mode = genai.FunctionCallingConfigModeAny
	case "none":
		config.Mode = genai.FunctionCallingConfigModeNone
	default:
		config.Mode, config.AllowedFunctionNames = genai.FunctionCallingConfigModeAny, []string{q.Choice}
	}
	p.ToolConfig = &genai.ToolConfig{FunctionCallingConfig: config}
}

func unpacked(data string) []byte {
	raw, _ := base64.StdEncoding.DecodeString(data) // of this package's constants
	return raw
}

func turnGemini(t turn) *genai.Content {
	if own, ok := t.Own.(*genai.Content); ok {
		return own
	}
	role := genai.Role(genai.RoleUser)
	var parts []*genai.Part
	for _, r := range t.Results {
		member := "output"
		if r.Failed {
			member = "error"
		}
		part := genai.NewPartFromFunctionResponse(r.Name, map[string]any{member: r.Text})
		part.FunctionResponse.ID = r.ID
		if r.Image {
			part.FunctionResponse.Parts = []*genai.FunctionResponsePart{{InlineData: &genai.FunctionResponseBlob{MIMEType: "image/png", Data: unpacked(pixel)}}}
		}
		parts = append(parts, part)
	}
	if t.Text != "" {
		parts = append(parts, genai.NewPartFromText(t.Text))
	}
	if t.Image {
		parts = append(parts, genai.NewPartFromBytes(unpacked(pixel), "image/png"))
	}
	if t.Document {
		parts = append(parts, genai.NewPartFromBytes(unpacked(paper), "application/pdf"))
	}
	for _, call := range t.Calls {
		var args map[string]any
		_ = json.Unmarshal([]byte(call.Args), &args) // of this package's own
		part := genai.NewPartFromFunctionCall(call.Name, args)
		part.FunctionCall.ID = call.ID
		part.ThoughtSignature = []byte("skip_thought_signature_validator") // for calls that the model did not make
		parts = append(parts, part)
	}
	if t.Assistant {
		role = genai.RoleModel
	}
	return genai.NewContentFromParts(parts, role)
}

func readGemini(m *genai.GenerateContentResponse, err error) (r reading) {
	if err != nil {
		r.Status, r.Problem = -1, err.Error()
		if e, ok := errors.AsType[genai.APIError](err); ok {
			r.Status, r.Problem = e.Code, e.Message
		}
	}
	if m == nil {
		return r
	}
	if u := m.UsageMetadata; u != nil {
		r.Cached, r.Thought = int64(u.CachedContentTokenCount), int64(u.ThoughtsTokenCount)
		r.In, r.Out = int64(u.PromptTokenCount)-r.Cached, int64(u.CandidatesTokenCount)+r.Thought
	}
	r.ID, r.Model, r.Object = m.ResponseID, m.ModelVersion, "gemini"
	if m.PromptFeedback != nil && m.PromptFeedback.BlockReason != "" {
		r.Stop = "refusal"
	}
	if len(m.Candidates) == 0 || m.Candidates[0].Content == nil {
		return r
	}
	for _, part := range m.Candidates[0].Content.Parts {
		switch {
		case part.Thought:
			r.Reasoning += part.Text
		case part.FunctionCall != nil:
			args := []byte("{}")
			if part.FunctionCall.Args != nil {
				args, _ = json.Marshal(part.FunctionCall.Args)
			}
			r.Calls = append(r.Calls, toolCall{part.FunctionCall.ID, part.FunctionCall.Name, string(args)})
		default:
			r.Text += part.Text
		}
	}
	r.Stop = stopGemini(m.Candidates[0].FinishReason, r)
	if err == nil {
		r.Own = m.Candidates[0].Content
	}
	return r
}

func stopGemini(reason genai.FinishReason, r reading) string {
	switch {
	case reason == genai.FinishReasonStop && len(r.Calls) > 0:
		return "tool"
	case reason == genai.FinishReasonStop:
		return "end"
	case reason == genai.FinishReasonMaxTokens:
		return "length"
	case reason == genai.FinishReasonSafety, reason == genai.FinishReasonProhibitedContent:
		return "refusal"
	}
	return string(reason)
}
