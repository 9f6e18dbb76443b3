package tee

import "bytes"

// A shape is how credentials of some issuer begin.
type shape struct {
	prefix string
	at     int // of the anchor in prefix
	least  int // bytes that follow, at least
	dots   bool
}

// shapes are by their anchors. Prefixes that other words could have need a
// long rest.
var shapes = [...]struct {
	anchor byte
	shapes []shape
}{
	{'-', []shape{
		{"sk-", 2, 8, false},
		{"xoxb-", 4, 8, false},
		{"xoxp-", 4, 8, false},
		{"xoxa-", 4, 8, false},
		{"xoxr-", 4, 8, false},
		{"xapp-", 4, 8, false},
		{"glpat-", 5, 8, false},
		{"xai-", 3, 16, false},
		{"pplx-", 4, 16, false},
		{"nvapi-", 5, 16, false},
	}},
	{'_', []shape{
		{"ghp_", 3, 16, false},
		{"gho_", 3, 16, false},
		{"ghu_", 3, 16, false},
		{"ghs_", 3, 16, false},
		{"ghr_", 3, 16, false},
		{"github_pat_", 6, 16, false},
		{"sk_live_", 2, 8, false},
		{"sk_test_", 2, 8, false},
		{"rk_live_", 2, 8, false},
		{"rk_test_", 2, 8, false},
		{"gsk_", 3, 16, false},
		{"hf_", 2, 16, false},
		{"npm_", 3, 24, false},
		{"r8_", 2, 24, false},
		{"whsec_", 5, 16, false},
	}},
	{'z', []shape{{"AIza", 3, 16, false}}},
	{'K', []shape{{"AKIA", 1, 12, false}}},
	{'J', []shape{{"eyJ", 2, 24, true}}},
	{'9', []shape{{"ya29.", 3, 16, true}}},
}

// shaped looks for a credential that tells itself by its first bytes, and whose
// anchor is at i. It gives where to go on.
func (s *scrubber) shaped(i int, c byte) int {
	if c == '-' && i+1 < len(s.text) && s.text[i+1] == '-' {
		if bytes.HasPrefix(s.text[i:], pemBegin) {
			return s.pem(i)
		}
		if end := s.flag(i + 2); end > 0 {
			return end
		}
	}
	for k := range shapes {
		if shapes[k].anchor != c {
			continue
		}
		for j := range shapes[k].shapes {
			one := &shapes[k].shapes[j]
			start := i - one.at
			if start < 0 || s.text[i-1] != one.prefix[one.at-1] || !bytes.HasPrefix(s.text[start:], []byte(one.prefix)) || !s.atStart(start) {
				continue
			}
			if one.dots && start < s.undotted {
				continue
			}
			end := s.run(start+len(one.prefix), one.dots)
			dotted := !one.dots || bytes.IndexByte(s.text[start:end], '.') > 0
			if n := end - start - len(one.prefix); n >= one.least && dotted || end >= s.edge {
				return s.replace(start, end, Redacted)
			}
			if !dotted {
				s.undotted = end
			}
		}
		break
	}
	return i + 1
}
