package named

import (
	"context"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// reasoning sets how much the model reasons, whatever the caller asked for.
type reasoning struct {
	requestOnly
	want conv.Thinking
}

func reasoningKind() kind {
	return kind{
		Description: Description{
			Name:        "reasoning",
			Description: "sets how much the model reasons, or switches reasoning off, in place of what the caller asked for",
			Options: []Option{
				{Name: "enabled", Type: typeBoolean, Description: "false switches reasoning off where the model allows it", Default: "true"},
				{
					Name: "effort", Type: typeString, Values: []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"},
					Description: "how much to reason; the nearest that the model knows is taken", Default: "medium",
				},
				{
					Name: "budget_tokens", Type: typeInteger, Min: 1, Max: mostTokens,
					Description: "tokens to reason with; the effort that fits it where the protocol has no budgets",
				},
			},
		},
		make: makeReasoning,
	}
}

func makeReasoning(v values) (transform.Transformer, []transform.FieldError) {
	want := conv.Thinking{Mode: conv.ThinkingOn, Budget: v.integer("budget_tokens", 0)}
	effort := v["effort"].Str
	want.ReadEffort(effort)
	if enabled, ok := v["enabled"]; ok && !enabled.Bool() {
		want.Mode = conv.ThinkingOff
	}
	var wrong []transform.FieldError
	if want.Mode == conv.ThinkingOff {
		for _, name := range []string{"effort", "budget_tokens"} {
			if _, ok := v[name]; ok && (name != "effort" || effort != "none") {
				wrong = append(wrong, transform.FieldError{Field: name, Problem: "cannot be set when reasoning is off"})
			}
		}
		return reasoning{want: want}, wrong
	}
	if want.Budget == 0 && want.Effort == "" {
		want.Effort = conv.EffortMedium
	}
	return reasoning{want: want}, nil
}

// Request asks the writer of the channel's protocol how it would tell such a
// wish to the model, and puts just that into the body.
func (t reasoning) Request(_ context.Context, r *transform.Request) error {
	e := newEdit(r.Body)
	told, err := probe(r, conv.Request{MaxTokens: string(limitOf(r).get(e)), Thinking: t.want})
	if err != nil {
		return err
	}
	if r.Dialect == transform.Anthropic && !roomToThink(r, e, told) {
		return nil
	}
	for _, m := range thinkingMembers(r.Dialect) {
		if err := m.copy(e, told); err != nil {
			return err
		}
	}
	r.Body = e.body()
	return nil
}

// copy gives the member the value that it has in another body, or takes it out
// if it has none there.
func (m member) copy(e, from *edit) error {
	value := m.get(from)
	if value == "" {
		m.remove(e)
		return nil
	}
	return m.set(e, string(value))
}

// thinkingMembers lists what the protocols have to say about reasoning. The
// servers of the Chat protocol have many words for it.
func thinkingMembers(d transform.Dialect) []member {
	switch d {
	case transform.Anthropic:
		return []member{{"thinking"}, {"output_config.effort"}}
	case transform.OpenAIResponses:
		return []member{{"reasoning.effort"}}
	case transform.Gemini:
		return []member{
			inConfig("thinkingConfig.thinkingBudget", "thinking_config.thinking_budget"),
			inConfig("thinkingConfig.thinkingLevel", "thinking_config.thinking_level"),
		}
	}
	return []member{{"reasoning_effort"}, {"reasoning"}, {"thinking"}, {"enable_thinking"}, {"thinking_budget"}}
}
