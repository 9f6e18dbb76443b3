package otlp

import (
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"
)

// quiet is how long nothing is said of further failures after one: a collector
// that is down fails all the time.
const quiet = time.Minute

// A reporter tells the log of what goes wrong.
type reporter struct {
	logger  *slog.Logger
	secrets *strings.Replacer

	mu     sync.Mutex
	last   time.Time // under mu: when something was said
	unsaid int       // under mu: failures since
}

func newReporter(env func(string) string, logger *slog.Logger) *reporter {
	var pairs []string
	for _, secret := range credentials(env) {
		pairs = append(pairs, secret, "****")
	}
	return &reporter{logger: logger, secrets: strings.NewReplacer(pairs...)}
}

// Handle implements otel.ErrorHandler.
func (r *reporter) Handle(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.last) >= quiet {
		r.logger.Warn("spans may be lost on their way to the collector", "error", r.secrets.Replace(err.Error()), "unsaid", r.unsaid)
		r.last, r.unsaid = now, 0
		return
	}
	r.unsaid++
}

// credentials are the texts of the environment that nobody may read in a log:
// the values of headers, and what stands in an endpoint beside its place.
func credentials(env func(string) string) (secrets []string) {
	add := func(text string) {
		if text != "" {
			secrets = append(secrets, text)
		}
	}
	for _, name := range []string{envHeaders, envTracesHeaders} {
		for pair := range strings.SplitSeq(env(name), ",") {
			_, value, _ := strings.Cut(pair, "=")
			value = strings.TrimSpace(value)
			if plain, err := url.PathUnescape(value); err == nil {
				add(plain)
				add(strings.TrimPrefix(plain, "Bearer "))
			}
			add(value)
		}
	}
	for _, name := range []string{envEndpoint, envTracesEndpoint} {
		u, err := url.Parse(env(name))
		if err != nil {
			add(env(name))
			continue
		}
		if password, ok := u.User.Password(); ok {
			add(u.User.String())
			add(password)
		}
		add(u.RawQuery)
	}
	return secrets
}
