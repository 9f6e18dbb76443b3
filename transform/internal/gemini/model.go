package gemini

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A model is what its name tells of a model.
type model struct {
	major, minor           int // 0 for a model that is none of Gemini's
	pro, flash, lite, draw bool
}

// latest is the version that aliases without one stand for.
var latest = model{major: 3, minor: 8}

func modelOf(name string) (m model) {
	name = strings.ToLower(name)
	_, version, ok := strings.Cut(name, "gemini-")
	if !ok {
		return m
	}
	m = latest
	if major, minor, ok := versionIn(version); ok {
		m.major, m.minor = major, minor
	}
	m.lite = strings.Contains(version, "flash-lite")
	m.flash = strings.Contains(version, "flash")
	m.pro = strings.Contains(version, "pro")
	m.draw = strings.Contains(version, "image")
	return m
}

// versionIn finds the version in the rest of a name: 2.5-pro, live-2.5-flash.
func versionIn(name string) (major, minor int, ok bool) {
	for word := range strings.SplitSeq(name, "-") {
		first, second, _ := strings.Cut(word, ".")
		if len(first) != 1 || first[0] < '1' || first[0] > '9' {
			continue
		}
		if len(second) == 1 && second[0] >= '0' && second[0] <= '9' {
			minor = int(second[0] - '0')
		}
		return int(first[0] - '0'), minor, true
	}
	return 0, 0, false
}

func (m *model) since(major, minor int) bool {
	return m.major > major || m.major == major && m.minor >= minor
}

// thinks reports that the model reasons before it answers.
func (m *model) thinks() bool { return m.since(2, 5) }

// hasLevels reports that the model is told how much to reason by a level and
// not by a number of tokens.
func (m *model) hasLevels() bool { return m.since(3, 0) }

// signs reports that the model refuses calls of functions in a conversation
// that lack its signature.
func (m *model) signs() bool { return m.since(3, 0) }

// takesMediaInResults reports that results of functions may hold images.
func (m *model) takesMediaInResults() bool { return m.since(3, 0) }

// formatsWithTools reports that the form of the answer may be chosen in a
// request that has tools. Older models refuse such requests.
func (m *model) formatsWithTools() bool { return m.since(3, 0) }

// fetches reports that the model reads what a link of the open web leads to.
func (m *model) fetches() bool { return m.since(2, 5) }

// samples reports that the model heeds temperature and its kin. Newer ones
// ignore them, and the API has announced that it will refuse them.
func (m *model) samples() bool {
	return !m.since(3, 6) && (!m.lite || !m.since(3, 5))
}

// penalizes reports that the model knows penalties: all others refuse them.
func (m *model) penalizes() bool { return m.major > 0 && !m.since(2, 5) }

// budget returns the limits of the tokens to reason with, and whether the
// model can do without.
func (m *model) budget() (low, high int64, off bool) {
	switch {
	case m.pro:
		return 128, 32768, false
	case m.lite:
		return 512, 24576, true
	}
	return 1, 24576, true
}

// levels returns the efforts that the model takes as levels, in their order.
func (m *model) levels() []conv.Effort {
	all := []conv.Effort{conv.EffortMinimal, conv.EffortLow, conv.EffortMedium, conv.EffortHigh}
	switch {
	case m.draw && m.flash:
		return []conv.Effort{conv.EffortMinimal, conv.EffortHigh}
	case m.draw, m.pro && !m.since(3, 1):
		return []conv.Effort{conv.EffortLow, conv.EffortHigh}
	case m.lite, m.flash && !m.since(3, 6):
		return all
	}
	return all[1:]
}

// TakesPrefill reports that a model is a Gemini of those that go on with an
// answer that the caller began. Google took that out of the line with 3.5.
func TakesPrefill(name string) bool {
	m := modelOf(name)
	return m.prefill()
}

func (m *model) prefill() bool {
	return m.major > 0 && (m.major < 3 || m.major == 3 && m.minor < 5) && !m.draw
}

// maxTokens returns the most tokens that the API lets the model be asked for,
// 0 when that is not known.
func (m *model) maxTokens() int64 {
	switch {
	case m.major == 0 || m.draw:
		return 0
	case m.since(2, 5):
		return 65536
	}
	return 8192
}
