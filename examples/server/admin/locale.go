package admin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/dctx-team/routex/examples/server/store"
)

// settingLocale is the key of the locale in the store.
const settingLocale = "locale"

// The locales that messages are in.
const (
	localeEnglish = "en"
	localeChinese = "zh-CN"
)

type localeView struct {
	Locale    string   `json:"locale"`
	Available []string `json:"available"`
}

func locales() []string { return []string{localeEnglish, localeChinese} }

// matchLocale gives the locale that suits a list of languages, as in
// Accept-Language; "" for none.
func matchLocale(list string) string {
	tags, _, err := language.ParseAcceptLanguage(list)
	if err != nil || len(tags) == 0 || tags[0] == language.Und {
		return ""
	}
	_, i, confidence := language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese}).Match(tags...)
	if confidence == language.No {
		return ""
	}
	return locales()[i]
}

// matchEnvironment is matchLocale for what stands in the environment, such as
// zh_CN.UTF-8.
func matchEnvironment(value string) string {
	name, _, _ := strings.Cut(value, ".")
	return matchLocale(strings.ReplaceAll(name, "_", "-"))
}

// localeOf is that of the messages for a request.
func (a *API) localeOf(r *http.Request) string {
	return cmp.Or(matchLocale(r.Header.Get("Accept-Language")), a.locale())
}

// locale is that of the server: the one that was set last, but at the start
// the one in the environment.
func (a *API) locale() string {
	set := ""
	if s := a.state.Load(); s != nil {
		set = s.locale
	}
	if a.localeSet.Load() {
		return cmp.Or(set, localeEnglish)
	}
	return cmp.Or(a.startLocale, set, localeEnglish)
}

func (a *API) getLocale(*http.Request, *object) (reply, error) {
	return reply{data: localeView{a.locale(), locales()}}, nil
}

func (a *API) putLocale(r *http.Request, body *object) (reply, error) {
	name := readLocale(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		s.locale = name
		return store.Change{PutSettings: map[string]string{settingLocale: name}}, nil
	})
	if err != nil {
		return reply{}, err
	}
	a.localeSet.Store(true)
	return reply{data: localeView{name, locales()}}, nil
}

func readLocale(o *object) (name string) {
	found := read(o, "locale", &name, localeEnglish, text().among(locales()...))
	o.ignore("available")
	o.finish()
	available := strings.Join(locales(), ", ")
	switch {
	case !found:
		o.wrong.add("locale", codeRequired, "required; one of "+available)
	case !slices.Contains(locales(), name):
		o.wrong.add("locale", codeValue, fmt.Sprintf("there is no locale %q; there are %s", name, available))
	}
	return name
}

// in gives a problem in the language of a locale.
func (p *problem) in(locale string) *problem {
	if locale != localeChinese {
		return p
	}
	out := *p
	out.Message = translate(p.Message)
	if len(p.Details) > 0 {
		out.Details = slices.Clone(p.Details)
		lines := make([]string, len(p.Details))
		for i := range out.Details {
			d := &out.Details[i]
			d.Message = translate(d.Message)
			lines[i] = d.Field + "：" + d.Message
		}
		out.Message = strings.Join(lines, "；")
	}
	return &out
}

// translate gives a message in Chinese. One that is not known, such as those of
// the library, stays as it is.
func translate(message string) string {
	for _, known := range chinese {
		if values, ok := unfill(known.en, message); ok {
			return fill(known.zh, values)
		}
	}
	return message
}

// fill puts values into a text, at each %s one.
func fill(form string, values []string) string {
	var b strings.Builder
	for i, piece := range strings.Split(form, "%s") {
		if i > 0 {
			b.WriteString(values[i-1])
		}
		b.WriteString(piece)
	}
	return b.String()
}

// unfill finds what was put into a text at each %s.
func unfill(form, text string) (values []string, ok bool) {
	pieces := strings.Split(form, "%s")
	rest, ok := strings.CutPrefix(text, pieces[0])
	if !ok {
		return nil, false
	}
	for i, piece := range pieces[1:] {
		at := strings.Index(rest, piece)
		if i == len(pieces)-2 { // the last one reaches to the end
			at = len(rest) - len(piece)
		}
		if at < 0 || rest[at:at+min(len(piece), len(rest)-at)] != piece {
			return nil, false
		}
		values = append(values, rest[:at])
		rest = rest[at+len(piece):]
	}
	return values, rest == ""
}
