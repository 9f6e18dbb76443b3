package conv

// fewCalls is how many ids are looked through one by one.
const fewCalls = 16

// Calls is the set of tool calls which the results that follow may answer.
type Calls struct {
	ids []Str
	set map[string]struct{} // of ids, once they are many
}

// Add puts an id into the set.
func (c *Calls) Add(id Str) {
	c.ids = append(c.ids, id)
	if c.set != nil {
		c.set[id.String()] = struct{}{}
	} else if len(c.ids) > fewCalls {
		c.set = make(map[string]struct{}, 2*fewCalls)
		for _, id := range c.ids {
			c.set[id.String()] = struct{}{}
		}
	}
}

// Has reports that the id is in the set.
func (c *Calls) Has(id Str) bool {
	if c.set != nil {
		_, ok := c.set[id.String()]
		return ok
	}
	for _, have := range c.ids {
		if have.Same(id) {
			return true
		}
	}
	return false
}

// Clear empties the set.
func (c *Calls) Clear() { c.ids, c.set = c.ids[:0], nil }

// Orphan turns a result that answers no call into what a user may say.
func Orphan(p Part) []Part {
	head := `[tool_result `
	if p.IsError {
		head = ToolErrorPrefix + head
	}
	return append([]Part{{Kind: Text, Text: Concat(head, p.ID.Inner(), "]")}}, p.Content...)
}

// Missing makes the result of a call that has none: every protocol demands
// one for each call of a turn that is over.
func Missing(id Str) Part {
	return Part{
		Kind: ToolResult, ID: id, IsError: true,
		Content: []Part{{Kind: Text, Text: `"no result of this call is known"`}},
	}
}
