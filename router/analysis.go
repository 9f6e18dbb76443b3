package router

import (
	"slices"
	"strings"
)

// What a text can be about: [Analysis.Category].
const (
	Coding       = "coding"       // there is code, or it is about programs
	Technical    = "technical"    // systems, networks, algorithms
	Writing      = "writing"      // letters, essays, translations, summaries
	AnalysisWork = "analysis"     // data, comparisons, evaluations
	Research     = "research"     // sources, studies, facts to be found
	Creative     = "creative"     // stories, poems, ideas
	Conversation = "conversation" // greetings, thanks, small talk; also an intent
	General      = "general"      // anything else
)

// How much a text asks for: [Analysis.Complexity].
const (
	Simple      = "simple"
	Moderate    = "moderate"
	Complex     = "complex"
	VeryComplex = "very_complex"
)

// What a text wants: [Analysis.Intent]. [Conversation] and [AnalysisWork] are
// intents too.
const (
	Question   = "question"   // to be told something
	Task       = "task"       // that something be done, code included
	Generation = "generation" // that a text or picture be made
	Review     = "review"     // that something be judged
	Debug      = "debug"      // that a fault be found or put right
)

var (
	categories   = [...]string{Coding, Technical, Writing, AnalysisWork, Research, Creative, Conversation, General}
	complexities = [...]string{Simple, Moderate, Complex, VeryComplex}
	// Of equally likely intents the first is taken.
	intents   = [...]string{Debug, Review, AnalysisWork, Generation, Task, Question, Conversation}
	languages = [...]string{
		"c", "cpp", "csharp", "css", "dart", "elixir", "go", "haskell", "html", "java", "javascript", "kotlin", "lua",
		"perl", "php", "powershell", "python", "r", "ruby", "rust", "scala", "shell", "sql", "swift", "typescript",
	}
)

// An Analysis is what the last of the user's turns are about, told by words and
// signs in English and Chinese. It is quick, and no more than a guess: rules
// that must not fail should not rest on it.
type Analysis struct {
	Category   string   `json:"category"`
	Complexity string   `json:"complexity"`
	Intent     string   `json:"intent"`
	HasCode    bool     `json:"hasCode"`
	Languages  []string `json:"languages"` // of programming, the clearest first; may be empty
}

// Analysis looks at the last turns in which the user says something, four at
// most and 8 KB of them: of a longer last one, its beginning and its end. What
// coding agents put in between, such as reminders, is left out. It is made once,
// when it is asked for. The list of languages must not be changed.
func (r *Request) Analysis() Analysis { return *r.analysis() }

func (r *Request) analysis() *Analysis {
	if r.topic == nil {
		a := analyze(r.lastTurns())
		r.topic = &a
	}
	return r.topic
}

const (
	maxAnalyzed = 8 << 10 // bytes
	maxTurns    = 4
)

// lastTurns gives what is analyzed: the last turn, and what came before it.
func (r *Request) lastTurns() (before, last string) {
	u := r.userText()
	var kept []string // the last first
	left, end := maxAnalyzed, len(u.text)
	for i := len(u.turns) - 1; i >= 0 && len(kept) < maxTurns && left > 0; i-- {
		turn := strings.TrimSpace(withoutNotes(u.text[u.turns[i]:end]))
		end = u.turns[i]
		if turn == "" {
			continue
		}
		if len(turn) > left {
			if len(kept) > 0 {
				break
			}
			turn = head(turn, left/2) + "\n" + tail(turn, left/2)
		}
		kept = append(kept, turn)
		left -= len(turn)
	}
	if len(kept) == 0 {
		return "", ""
	}
	earlier := kept[1:]
	slices.Reverse(earlier)
	return strings.Join(earlier, "\n"), kept[0]
}

// notes are what coding agents put among the user's words.
var notes = [...]string{"system-reminder", "environment_context", "environment_details", "user_instructions"}

// withoutNotes leaves out notes of agents, each with its tags.
func withoutNotes(turn string) string {
	for _, name := range notes {
		opening, closing := "<"+name+">", "</"+name+">"
		var kept []string
		rest := turn
		for {
			before, note, found := strings.Cut(rest, opening)
			_, after, closed := strings.Cut(note, closing)
			if !found || !closed {
				break
			}
			kept, rest = append(kept, before), after
		}
		if kept != nil {
			turn = strings.Join(append(kept, rest), "")
		}
	}
	return turn
}

// head and tail cut between characters.
func head(s string, n int) string {
	for n > 0 && goesOn(s[n]) {
		n--
	}
	return s[:n]
}

func tail(s string, n int) string {
	i := len(s) - n
	for i < len(s) && goesOn(s[i]) {
		i++
	}
	return s[i:]
}
