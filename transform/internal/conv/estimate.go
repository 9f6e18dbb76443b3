package conv

// imageTokens is what an image costs, about.
const imageTokens = 1500

// EstimateInput returns about how many tokens the request has, by the length
// of its texts: rather too many than too few.
func (r *Request) EstimateInput() int64 {
	n := sizeOf(r.System)
	for i := range r.Messages {
		n += 16 + sizeOf(r.Messages[i].Parts)
	}
	for i := range r.Tools {
		t := &r.Tools[i]
		n += 32 + len(t.Name) + len(t.Description) + len(t.Schema)
	}
	return int64(n)/4 + 1
}

// sizeOf returns about four times the tokens of the parts.
func sizeOf(parts []Part) int {
	n := 0
	for i := range parts {
		switch p := &parts[i]; p.Kind {
		case Image:
			n += 4 * imageTokens
		case Document:
			n += 4*imageTokens + len(p.Text)
		default:
			n += len(p.Text) + len(p.Name) + len(p.Args) + sizeOf(p.Content)
		}
	}
	return n
}
