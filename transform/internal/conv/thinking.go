package conv

import "strconv"

// ThinkingMode says whether the model is to reason before it answers.
type ThinkingMode uint8

// The modes of thinking.
const (
	ThinkingUnset ThinkingMode = iota // as the model does by itself
	ThinkingOff
	ThinkingOn // Budget, Effort, or as much as the model wants
)

// Thinking is what the caller asked for about reasoning.
type Thinking struct {
	Mode   ThinkingMode
	Budget int64  // tokens; 0 when the caller set none
	Effort Effort // "" when the caller set none
	Hide   bool   // the caller does not want to read the reasoning
	Show   bool   // the caller explicitly wants to
}

// Effort is how much a model is to reason. The empty Effort means unset.
type Effort string

// The efforts that some protocol knows, in their order.
const (
	EffortMinimal Effort = "minimal"
	EffortLow     Effort = "low"
	EffortMedium  Effort = "medium"
	EffortHigh    Effort = "high"
	EffortXHigh   Effort = "xhigh"
	EffortMax     Effort = "max"
)

// The one table between efforts and budgets: a budget is the effort whose
// tokens it does not exceed.
var budgets = [...]struct {
	effort Effort
	tokens int64
}{
	{EffortMinimal, 1024},
	{EffortLow, 1024},
	{EffortMedium, 8192},
	{EffortHigh, 24576},
	{EffortXHigh, 32768},
	{EffortMax, 65536},
}

// MinBudget is the smallest budget that Anthropic takes.
const MinBudget = 1024

// EffortOf returns the effort asked for: the caller's own, or the one that
// fits the budget; "" when neither was given. It never returns more than high
// for a budget.
func (t *Thinking) EffortOf() Effort {
	switch {
	case t.Effort != "":
		return t.Effort
	case t.Budget <= 0:
		return ""
	case t.Budget <= 1024:
		return EffortLow
	case t.Budget <= 8192:
		return EffortMedium
	}
	return EffortHigh
}

// BudgetOf returns the tokens to reason with: the caller's own, or those that
// fit the effort; 0 when neither was given.
func (t *Thinking) BudgetOf() int64 {
	if t.Budget > 0 {
		return t.Budget
	}
	for _, b := range budgets {
		if b.effort == t.Effort {
			return b.tokens
		}
	}
	return 0
}

// ReadEffort returns the effort of that name; none means that thinking is off.
// It reports false for a name that no protocol knows.
func (t *Thinking) ReadEffort(name string) bool {
	if name == "none" {
		t.Mode = ThinkingOff
		return true
	}
	for _, b := range budgets {
		if string(b.effort) == name {
			t.Mode, t.Effort = ThinkingOn, b.effort
			return true
		}
	}
	return false
}

// Near returns the effort among those that a model knows, in their order,
// that is nearest: itself, the next lower one, or else the lowest. The empty
// Effort stays empty.
func (e Effort) Near(known ...Effort) Effort {
	if e == "" || len(known) == 0 {
		return e
	}
	near := known[0]
	for _, k := range known {
		if k.rank() <= e.rank() {
			near = k
		}
	}
	return near
}

func (e Effort) rank() int {
	for i := range budgets {
		if budgets[i].effort == e {
			return i
		}
	}
	return -1
}

// Limit returns a number of a request as tokens, 0 when it is absent.
func Limit(number string) int64 {
	n, _ := strconv.ParseInt(number, 10, 64)
	return max(n, 0)
}
