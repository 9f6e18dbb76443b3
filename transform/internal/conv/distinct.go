package conv

import "strconv"

// Distinct gives calls whose ids were used before in the conversation ids of
// their own, and the results that follow them too: some servers count the
// calls of every answer anew, and others refuse an id that comes twice.
func (r *Request) Distinct() {
	if !r.repeats() {
		return
	}
	used := make(map[string]int)
	open := make(map[string][]Str) // ids of the calls that wait, by what they were
	for i := range r.Messages {
		m := &r.Messages[i]
		if m.Role == Assistant && i > 0 && r.Messages[i-1].Role != Assistant {
			open = make(map[string][]Str)
		}
		for j := range m.Parts {
			switch p := &m.Parts[j]; p.Kind {
			case ToolCall:
				was := p.ID.String()
				if used[was]++; used[was] > 1 {
					p.ID = another(used, was)
				}
				open[was] = append(open[was], p.ID)
			case ToolResult:
				if wait := open[p.ID.String()]; len(wait) > 0 {
					open[p.ID.String()] = wait[1:]
					p.ID = wait[0]
				}
			}
		}
	}
}

// another returns an id that is always the same for the same conversation.
func another(used map[string]int, was string) Str {
	for n := used[was]; ; n++ {
		id := was + "_" + strconv.Itoa(n)
		if used[id] == 0 {
			used[id]++
			return Quote(id)
		}
	}
}

// repeats reports that two calls have the same id.
func (r *Request) repeats() bool {
	var calls Calls
	for i := range r.Messages {
		for j := range r.Messages[i].Parts {
			if p := &r.Messages[i].Parts[j]; p.Kind == ToolCall {
				if calls.Has(p.ID) {
					return true
				}
				calls.Add(p.ID)
			}
		}
	}
	return false
}

// DistinctCalls gives a call of an answer that has the id of another one an id
// of its own: callers know calls by their ids.
func (r *Response) DistinctCalls() {
	var calls Calls
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.Kind != ToolCall || p.ID.Empty() {
			continue
		}
		if calls.Has(p.ID) {
			p.ID = NewToolID("call_")
		}
		calls.Add(p.ID)
	}
}
