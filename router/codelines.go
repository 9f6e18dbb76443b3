package router

import (
	"strings"
	"sync"
)

// A reading is a text, folded, parted into what is said and what is code.
type reading struct {
	prose, code []byte
	said        tally
	lastProse   int // where the last turn begins in prose
	lastCode    int
	codeLines   int
	evidence    int      // for code outside of fences
	fenced      bool     // there is code in fences
	tags        []string // the languages that fences name
	items       int      // lines that begin like those of a list
	questions   int      // lines that end in a question mark
	lastAsks    bool     // the last turn has one
}

// readTurns reads what came before, and then the last turn.
func readTurns(before, last string) *reading {
	r := &reading{prose: make([]byte, 0, len(before)+len(last)+2)}
	r.read(before)
	r.lastProse, r.lastCode = len(r.prose), len(r.code)
	asked := r.questions
	r.read(last)
	r.lastAsks = r.questions > asked
	return r
}

// read goes through the lines of a text.
func (r *reading) read(text string) {
	inFence := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if tag, ok := strings.CutPrefix(line, "```"); ok && !strings.Contains(tag, "```") {
			if inFence = !inFence; inFence {
				r.tag(tag)
			}
			continue
		}
		evidence := 0
		if !inFence {
			evidence = codeEvidence(line)
			r.evidence += evidence
		}
		if inFence || evidence > 0 {
			r.fenced = r.fenced || inFence
			r.codeLines++
			r.code = append(append(r.code, line...), '\n')
		}
		if !inFence && evidence < 2 { // it may be either
			r.addProse(line)
		}
	}
}

func (r *reading) tag(tag string) {
	name, _, _ := strings.Cut(strings.TrimSpace(tag), " ")
	if language, ok := fences[name]; ok {
		r.tags = append(r.tags, language)
	}
}

func (r *reading) addProse(line string) {
	if isItem(line) {
		r.items++
	}
	if strings.HasSuffix(line, "?") || strings.HasSuffix(line, "？") {
		r.questions++
	}
	r.prose = append(append(r.prose, line...), '\n')
}

// hasCode asks for a fence, or one line that is clearly code, or some that
// look like it.
func (r *reading) hasCode() bool { return r.fenced || r.evidence >= 2 }

// isItem reports a line that begins like that of a list.
func isItem(line string) bool {
	switch line[0] {
	case '-', '*', '+':
		return len(line) > 1 && line[1] == ' '
	}
	n := 0
	for n < len(line) && n < 3 && line[n]-'0' < 10 {
		n++
	}
	rest := line[n:]
	return n > 0 && (strings.HasPrefix(rest, ". ") || strings.HasPrefix(rest, ") ") || strings.HasPrefix(rest, "、")) ||
		strings.HasPrefix(line, "• ")
}

// codeEvidence tells how much a line looks like code: 2 clearly, 1 a little.
func codeEvidence(line string) int {
	for _, start := range startsWith()[line[0]] {
		if rest, ok := strings.CutPrefix(line, start[0]); ok && strings.Contains(rest, start[1]) {
			return 2
		}
	}
	switch line[len(line)-1] {
	case '{':
		if strings.HasSuffix(line, ") {") || strings.HasSuffix(line, "=> {") {
			return 2
		}
		if line == "{" {
			return 1
		}
	case ';':
		if strings.ContainsAny(line, "=(") {
			return 2
		}
	case '}', ')':
		if line == "}" || line == "})" {
			return 1
		}
	}
	return codeSigns(line)
}

// codeSigns looks for signs that are rare between words.
func codeSigns(line string) int {
	for i := range len(line) - 1 {
		a, b := line[i], line[i+1]
		switch a {
		case ':', '-', '=', '!', '+', '<', '/', '(':
			switch string([]byte{a, b}) {
			case ":=", "::", "->", "=>", "==", "!=", "+=", "++", "</", "/>":
				return 1
			case "()":
				if strings.HasPrefix(line[i+2:], ";") {
					return 1
				}
			}
		case '`':
			if snippet, _, closed := strings.Cut(line[i+1:], "`"); closed && strings.ContainsAny(snippet, "(=;{") {
				return 1
			}
		}
	}
	return 0
}

// startsWith has codeStarts by their first byte.
var startsWith = sync.OnceValue(func() *[256][][2]string {
	var table [256][][2]string
	for _, start := range codeStarts {
		first := start[0][0]
		table[first] = append(table[first], start)
	}
	return &table
})
