package router

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// A FileError says where in a file of rules a mistake is.
type FileError struct {
	Path string // such as rules[3].condition.userPattern
	// Err says what is wrong; [errors.Is] tells the kinds [ErrNoMember] and
	// [ErrType] apart from values that cannot be used.
	Err error
}

// The kinds of mistakes in JSON.
var (
	ErrNoMember = errors.New("router: there is no such member")
	ErrType     = errors.New("router: a value is of the wrong type")
)

// A kinded is an error in words of its own.
type kinded struct {
	kind error
	text string
}

func (e *kinded) Error() string { return e.text }
func (e *kinded) Unwrap() error { return e.kind }

// Error begins with the path.
func (e *FileError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ReadRules reads rules from JSON: a list of them, or an object with such a
// list as "rules". The rules are checked as [Compile] does, with the same
// options. With any mistake there are no rules, and the error joins a
// [*FileError] for each.
func ReadRules(data []byte, opts ...Option) ([]Rule, error) {
	f := new(fileReader)
	rules := f.file(data)
	if rules == nil {
		return nil, errors.Join(f.errs...)
	}
	_, errs := compileAll(rules, opts)
	unread := slices.Clone(f.errs)
	for _, e := range errs {
		f.add(e, unread)
	}
	if len(f.errs) > 0 {
		return nil, errors.Join(f.errs...)
	}
	return rules, nil
}

// A fileReader reads rules and collects the mistakes.
type fileReader struct {
	errs []error
	// regex are the paths of conditions whose userPattern goes by that name.
	regex []string
}

func (f *fileReader) fail(path, format string, args ...any) {
	f.failAs(nil, path, format, args...)
}

func (f *fileReader) failAs(kind error, path, format string, args ...any) {
	f.errs = append(f.errs, &FileError{Path: path, Err: &kinded{kind, fmt.Sprintf(format, args...)}})
}

// wrong says what a value must be.
func (f *fileReader) wrong(path, wanted string, v gjson.Result) {
	f.failAs(ErrType, path, "must be %s, not %s", wanted, kindOf(v))
}

// parse checks that a text is JSON.
func (f *fileReader) parse(data []byte) (gjson.Result, bool) {
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line, column := place(data, int(syntax.Offset))
			f.fail("", "not JSON: line %d, column %d: %v", line, column, err)
		} else {
			f.fail("", "not JSON: %v", err)
		}
		return gjson.Result{}, false
	}
	return gjson.ParseBytes(data), true
}

func place(data []byte, at int) (line, column int) {
	line, column = 1, 0
	for _, c := range data[:min(at, len(data))] {
		if column++; c == '\n' {
			line, column = line+1, 0
		}
	}
	return line, column
}

// file gives nil when there is nothing that could be rules.
func (f *fileReader) file(data []byte) []Rule {
	v, ok := f.parse(data)
	if !ok {
		return nil
	}
	list := v
	if v.IsObject() {
		list = gjson.Result{}
		f.object(v, "", members{{"rules", func(rules gjson.Result, _ string) { list = rules }}})
	}
	if !list.IsArray() {
		f.failAs(ErrType, "rules", "must be an array of rules")
		return nil
	}
	rules := []Rule{}
	for i, item := range list.Array() {
		rules = append(rules, f.rule(item, fmt.Sprintf("rules[%d]", i)))
	}
	return rules
}

// add adds what Compile has against a rule, unless the same place could not
// be read, which is why.
func (f *fileReader) add(e *RuleError, unread []error) {
	rule := fmt.Sprintf("rules[%d].", e.Index)
	path := rule + e.Member()
	if condition, ok := strings.CutSuffix(path, ".userPattern"); ok && slices.Contains(f.regex, condition) {
		path = join(condition, "regex")
	}
	for _, known := range unread {
		known, ok := errors.AsType[*FileError](known)
		if ok && (covers(path, known.Path) || e.Field == "TargetChannel" && covers(rule+"targets", known.Path)) {
			return
		}
	}
	f.errs = append(f.errs, &FileError{Path: path, Err: e.Err})
}

// covers reports that a mistake at other can be the reason of one at path.
func covers(path, other string) bool {
	if len(path) > len(other) {
		path, other = other, path
	}
	return other[:len(path)] == path && (len(other) == len(path) || other[len(path)] == '.' || other[len(path)] == '[')
}

func (f *fileReader) rule(v gjson.Result, path string) Rule {
	r := Rule{Priority: DefaultPriority}
	enabled := true
	f.object(v, path, members{
		{"id", f.text(&r.ID)},
		{"name", f.text(&r.Name)},
		{"type", f.text((*string)(&r.Type))},
		{"condition", func(v gjson.Result, path string) { r.Condition = f.condition(v, path) }},
		{"targetChannel", f.text(&r.TargetChannel)},
		{"targets", f.targets(&r.Targets)},
		{"targetModel", f.text(&r.TargetModel)},
		{"deny", f.message(&r.Deny)},
		{"shadow", f.text(&r.Shadow)},
		{"priority", f.integer(&r.Priority)},
		{"strict", f.boolean(&r.Strict)},
		{"enabled", f.boolean(&enabled)},
	})
	r.Disabled = !enabled
	return r
}

func (f *fileReader) targets(into *[]Target) readFunc {
	return f.list(func(v gjson.Result, path string) {
		t := Target{Weight: 1}
		f.object(v, path, members{{"channel", f.text(&t.Channel)}, {"weight", f.integer(&t.Weight)}})
		*into = append(*into, t)
	}, func() { *into = []Target{} })
}

func (f *fileReader) condition(v gjson.Result, path string) Condition {
	var c Condition
	var regex string
	f.object(v, path, members{
		{"tokenThreshold", f.positive(&c.TokenThreshold)},
		{"keywords", f.texts(&c.Keywords)},
		{"userPattern", f.pattern(&c.UserPattern)},
		{"regex", f.pattern(&regex)},
		{"modelPattern", f.pattern(&c.ModelPattern)},
		{"hasTools", f.flag(&c.HasTools)},
		{"hasImages", f.flag(&c.HasImages)},
		{"hasThinking", f.flag(&c.HasThinking)},
		{"toolName", f.pattern(&c.ToolName)},
		{"customFunction", f.pattern(&c.CustomFunction)},
		{"contentCategory", f.oneOf(&c.ContentCategory)},
		{"complexityLevel", f.oneOf(&c.ComplexityLevel)},
		{"hasCode", f.flag(&c.HasCode)},
		{"programmingLanguage", f.oneOf(&c.ProgrammingLanguage)},
		{"intent", f.oneOf(&c.Intent)},
		{"minWordCount", f.positive(&c.MinWordCount)},
		{"maxWordCount", f.positive(&c.MaxWordCount)},
		{"header", f.textMap(&c.Header)},
		{"path", f.pattern(&c.Path)},
		{"metadata", f.textMap(&c.Metadata)},
		{"timeOfDay", f.timeOfDay(&c.TimeOfDay)},
	})
	if regex != "" && c.UserPattern != "" && regex != c.UserPattern {
		f.fail(join(path, "regex"), "another name of userPattern, which differs")
	}
	if c.UserPattern == "" && regex != "" {
		c.UserPattern = regex
		f.regex = append(f.regex, path)
	}
	return c
}

func (f *fileReader) timeOfDay(into **TimeOfDay) readFunc {
	return func(v gjson.Result, path string) {
		var t TimeOfDay
		f.object(v, path, members{{"from", f.text(&t.From)}, {"to", f.text(&t.To)}, {"zone", f.text(&t.Zone)}})
		*into = &t
	}
}
