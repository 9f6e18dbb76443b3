package prices

import (
	"iter"
	"strings"
)

// maxName is how long the name of a model may be, in bytes. What is longer is
// noise.
const maxName = 256

// forms are the names under which a model could be in the table: as it is, then
// with ever less of what others have put to it.
func forms(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(name) {
			return
		}
		last := name
		for rest, more := name, true; more; { // models/, openrouter/anthropic/, arn:.../
			if _, rest, more = strings.Cut(rest, "/"); more {
				if last = rest; !yield(rest) {
					return
				}
			}
		}
		plain := strings.TrimSuffix(last, "[1m]")
		plain, _, _ = strings.Cut(plain, "@") // Vertex AI puts the version there
		plain = withoutBedrock(plain)
		if plain != last && !yield(plain) {
			return
		}
		if undated := withoutVersion(plain); undated != plain {
			yield(undated)
		}
	}
}

// withoutBedrock takes away what Bedrock has around a name:
// us.anthropic.NAME-v1:0.
func withoutBedrock(name string) string {
	rest := name
	if region, after, ok := strings.Cut(name, "."); ok && isRegion(region) {
		rest = after
	}
	vendor, model, ok := strings.Cut(rest, ".")
	if !ok || !isVendor(vendor) {
		return name
	}
	if before, revision, ok := strings.Cut(model, ":"); ok && digits(revision, len(revision)) { // -v1:0, -1:0
		if i := strings.LastIndexByte(before, '-'); i >= 0 && digits(strings.TrimPrefix(before[i+1:], "v"), 1) {
			return before[:i]
		}
		return before
	}
	if i := strings.LastIndex(model, "-v"); i >= 0 && digits(model[i+2:], 1) {
		return model[:i]
	}
	return model
}

func isRegion(s string) bool {
	switch s {
	case "us", "us-gov", "eu", "apac", "jp", "au", "ca", "global":
		return true
	}
	return false
}

func isVendor(s string) bool {
	switch s {
	case "anthropic", "openai", "mistral", "deepseek", "cohere", "google", "moonshot", "moonshotai", "minimax", "zai":
		return true
	}
	return false
}

// withoutVersion takes away -latest, -20250514, -2025-08-07 or -001. What has
// another form may well be another model.
func withoutVersion(name string) string {
	if rest, ok := strings.CutSuffix(name, "-latest"); ok {
		return rest
	}
	if rest, last, ok := cutLast(name); ok {
		if digits(last, 8) && strings.HasPrefix(last, "20") || digits(last, 3) && strings.HasPrefix(last, "00") {
			return rest
		}
		rest, month, ok1 := cutLast(rest)
		rest, year, ok2 := cutLast(rest)
		if ok1 && ok2 && digits(last, 2) && digits(month, 2) && digits(year, 4) && strings.HasPrefix(year, "20") {
			return rest
		}
	}
	return name
}

func cutLast(name string) (rest, last string, ok bool) {
	i := strings.LastIndexByte(name, '-')
	if i <= 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

// digits reports that s is so many digits.
func digits(s string, n int) bool {
	return len(s) == n && n > 0 && strings.Trim(s, "0123456789") == ""
}
