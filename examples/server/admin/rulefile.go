package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
)

// ReadRuleFile reads the rules in a file of JSON or, when its name ends in .yaml
// or .yml, YAML. The error lists every mistake with its path.
func ReadRuleFile(path string) ([]router.Rule, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	rules, err := router.ReadRules(data)
	if err != nil {
		return nil, fmt.Errorf("%s has mistakes:\n%w", path, err)
	}
	return rules, nil
}

// readFile reads a file of JSON, or of YAML as JSON.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		if data, err = jsonOf(data); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return data, nil
}

// jsonOf turns YAML into JSON.
func jsonOf(data []byte) ([]byte, error) {
	var value any
	if err := yaml.Load(data, &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// fileRules reads the file of rules, if there is one, as records.
func (a *API) fileRules() ([]store.Rule, error) {
	if a.ruleFile == "" {
		return nil, nil
	}
	rules, err := ReadRuleFile(a.ruleFile)
	if err != nil {
		return nil, err
	}
	out := make([]store.Rule, 0, len(rules))
	for i := range rules {
		out = append(out, recordOf(&rules[i]))
	}
	return out, nil
}

// recordOf is libraryRule the other way round. In a file the name can stand for
// the ID.
func recordOf(r *router.Rule) store.Rule {
	id := r.ID
	if id == "" {
		id = r.Name
	}
	return store.Rule{
		ID: id, Name: r.Name, Type: string(r.Type), Condition: r.Condition,
		TargetChannel: r.TargetChannel, Targets: r.Targets, TargetModel: r.TargetModel, Deny: r.Deny, Shadow: r.Shadow,
		Priority: r.Priority, Strict: r.Strict, Disabled: r.Disabled,
	}
}

type reloadedView struct {
	RulesCount int   `json:"rulesCount"`
	Timestamp  int64 `json:"timestamp"`
}

// reloadRules reads the file of rules again. With a mistake in it the rules stay
// as they are.
func (a *API) reloadRules(r *http.Request, body *object) (reply, error) {
	body.finish()
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	_, after, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		rules, err := a.fileRules()
		if err != nil {
			return store.Change{}, ruleFileProblem(err)
		}
		wrong := s.namesTwice(rules)
		s.fileRules = rules
		return store.Change{}, wrong.err()
	})
	if err != nil {
		return reply{}, err
	}
	return reply{
		message: "routing rules reloaded",
		data:    reloadedView{len(after.rules) + len(after.fileRules), time.Now().UnixMilli()},
	}, nil
}

// namesTwice finds the rules of a file that is to be read whose names stored
// rules have. A name that the file in effect shares with them already, as two
// servers on one store can bring about, is no reason to refuse the rest.
func (s *state) namesTwice(rules []store.Rule) (wrong mistakes) {
	for i := range rules {
		name := rules[i].Name
		stored := slices.ContainsFunc(s.rules, func(r store.Rule) bool { return r.Name == name })
		if stored && !slices.ContainsFunc(s.fileRules, func(r store.Rule) bool { return r.Name == name }) {
			wrong.add(fmt.Sprintf("rules[%d].name", i), codeValue, "is the name of a stored rule")
		}
	}
	return wrong
}

// ruleFileProblem tells every mistake in the file.
func ruleFileProblem(err error) error {
	var wrong mistakes
	joined, ok := errors.Unwrap(err).(interface{ Unwrap() []error })
	if !ok {
		wrong.add("file", codeValue, err.Error())
		return wrong.err()
	}
	for _, one := range joined.Unwrap() {
		if bad, ok := errors.AsType[*router.FileError](one); ok {
			path := bad.Path
			if path == "" {
				path = "file"
			}
			wrong.add(path, codeValue, bad.Err.Error())
		}
	}
	return wrong.err()
}
