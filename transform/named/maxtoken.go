package named

import (
	"context"
	"strconv"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

const (
	defaultMaxTokens = 4096
	mostTokens       = 10_000_000
)

// maxToken bounds how long an answer may be.
type maxToken struct {
	requestOnly
	most int64
}

func maxTokenKind() kind {
	return kind{
		Description: Description{
			Name:        "maxtoken",
			Description: "caps the length of answers, and sets it for calls that say nothing",
			Options: []Option{{
				Name: "max_tokens", Type: typeInteger, Min: 1, Max: mostTokens,
				Description: "the most tokens of an answer", Default: strconv.Itoa(defaultMaxTokens),
			}},
		},
		make: func(v values) (transform.Transformer, []transform.FieldError) {
			return maxToken{most: v.integer("max_tokens", defaultMaxTokens)}, nil
		},
	}
}

func (t maxToken) Request(_ context.Context, r *transform.Request) error {
	e := newEdit(r.Body)
	most := strconv.FormatInt(t.most, 10)
	var wrong error
	limit := limitOf(r)
	capped := false
	found := limit.each(e, func(c cursor) {
		n := e.value(c.value)
		switch {
		case !n.IsNumber():
			wrong = &transform.FieldError{Field: limit[0], Problem: "must be a number"}
		case n.Float() > float64(t.most), n.Float() < 0: // -1 is no limit for some servers
			e.replace(c.value, most)
			capped = true
		}
	})
	if wrong != nil {
		return wrong
	}
	if !found {
		wrong = limit.add(e, most)
	}
	if wrong == nil && (capped || !found) {
		wrong = t.fitThinking(r, e)
	}
	r.Body = e.body()
	return wrong
}

// limitOf gives the members that limit an answer, the one to be added first.
func limitOf(r *transform.Request) member {
	switch r.Dialect {
	case transform.OpenAIResponses:
		return member{"max_output_tokens"}
	case transform.Gemini:
		return inConfig("maxOutputTokens", "max_output_tokens")
	case transform.OpenAIChat:
		if ownOpenAI(r) {
			return member{"max_completion_tokens", "max_tokens"}
		}
		return member{"max_tokens", "max_completion_tokens"}
	}
	return member{"max_tokens"}
}

// ownOpenAI reports a channel of OpenAI's own models. Other servers of the
// Chat protocol know older names and further members.
func ownOpenAI(r *transform.Request) bool {
	return r.Target.Flavor == "openai" || r.Target.Flavor == "azure"
}

// fitThinking keeps the budget of Anthropic's thinking below the limit, as the
// API demands.
func (t maxToken) fitThinking(r *transform.Request, e *edit) error {
	budget := member{"thinking.budget_tokens"}
	switch n := budget.get(e).Count(); {
	case r.Dialect != transform.Anthropic, n < t.most:
		return nil
	case t.most > conv.MinBudget:
		return budget.set(e, strconv.FormatInt(t.most-1, 10))
	}
	r.Lose("thinking", "the channel's limit of an answer leaves no room for it")
	member{"thinking"}.remove(e)
	return nil
}
