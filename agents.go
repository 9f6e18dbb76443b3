package routex

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform"
)

// sessionOf finds what names the session of a call, and where it says so. The
// header of the Config comes first; the others are those of coding agents.
func (c *call) sessionOf() (key, source string) {
	if own, ok := c.req.Context().Value(sessionKey{}).(string); ok {
		return own, "WithSession"
	}
	for _, name := range [...]string{c.s.cfg.Sessions.Header, "X-Claude-Code-Session-Id", "Session_id", "Session-Id"} {
		if key := firstOf(c.req.Header[name]); key != "" {
			return key, name
		}
	}
	switch c.dialect {
	case transform.OpenAIChat, transform.OpenAIResponses:
		return c.view.Get("prompt_cache_key", "").Str, "prompt_cache_key"
	case transform.Anthropic:
		return userSession(c.view), "metadata.user_id"
	}
	return "", ""
}

func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// userSession finds the session in the id of the user that Claude Code makes:
// a text that ends in it, or an object in a text.
func userSession(r *router.Request) string {
	id := r.Get("metadata", "user_id").Str
	if strings.HasPrefix(id, "{") && jsonscan.Valid(id) {
		return gjson.Get(id, "session_id").Str
	}
	_, session, _ := strings.Cut(id, "_session_")
	return session
}

// attribute notes which agent makes the call. The ids are those of programs,
// not of people.
func (d *Decision) attribute(h http.Header) {
	d.Agent, d.ParentAgent = firstOf(h["X-Claude-Code-Agent-Id"]), firstOf(h["X-Claude-Code-Parent-Agent-Id"])
}
