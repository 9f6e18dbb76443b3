package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// WriteRequest appends the request in this protocol. Anything in r which the
// protocol cannot carry goes to lose. A stream is always asked to tell its
// usage.
func WriteRequest(dst []byte, r *conv.Request, lose conv.Lose) ([]byte, error) {
	w := writer{Writer: conv.Writer{Buf: dst, Req: r, Lose: lose}, server: serverOf(r)}
	w.Raw(`{"model":`)
	w.Quoted(r.Model)
	w.Raw(`,"messages":[`)
	w.system(w.instruction())
	w.messages()
	w.Raw("]")
	w.tools()
	w.Member(w.limit(), w.Limit(r.MaxTokens))
	w.sampling()
	w.user()
	w.thinking()
	w.format()
	w.settings()
	if r.Stream {
		w.Raw(`,"stream":true`)
		if w.house != mistral { // it tells its usage unasked, and rejects the question
			w.Raw(`,"stream_options":{"include_usage":true}`)
		}
	}
	return append(w.Buf, '}'), nil
}

type writer struct {
	conv.Writer
	server
	any      bool          // a message was written
	told     bool          // the last one was of a tool
	last     *conv.Message // of the assistant
	calls    conv.Calls    // in it
	answered conv.Calls    // of them
	shown    conv.Calls    // those whose images and documents were written
	own      []conv.Part   // of the user's message at hand; its memory is used again
}

const (
	whyReasons = "models that reason reject it"
	whyServer  = "this server has no such setting"
)

func (w *writer) sampling() {
	r := w.Req
	switch {
	case w.Reasons && !w.rests(), w.house == kimi:
		w.unsampled()
	case w.flavor == zhipu:
		w.zhipuSampling()
	default:
		w.Member(`,"temperature":`, r.Temperature)
		w.Member(`,"top_p":`, r.TopP)
	}
	w.stops()
	if r.TopK != "" {
		w.Lose(r.Names.TopK, "the other protocol has no top_k")
	}
}

// rests reports that the model was told not to reason: then it is as any
// other.
func (w *writer) rests() bool {
	return w.Off == "none" && w.Req.Thinking.Mode == conv.ThinkingOff || w.kept()
}

// kept reports that the tools keep the model from reasoning.
func (w *writer) kept() bool { return w.Resting && w.ofOpenAI() && len(w.Req.Tools) > 0 }

// unsampled reports the settings that models which reason reject. 1 is what
// they do anyhow.
func (w *writer) unsampled() {
	r := w.Req
	if t := conv.Raw(r.Temperature); t != "" && t.Float() != 1 {
		w.Lose(r.Names.Temperature, whyReasons)
	}
	if t := conv.Raw(r.TopP); t != "" && t.Float() != 1 {
		w.Lose(r.Names.TopP, whyReasons)
	}
}

// zhipuSampling keeps to Zhipu's ranges. To sample nothing is a switch there.
func (w *writer) zhipuSampling() {
	r := w.Req
	switch t := conv.Raw(r.Temperature); {
	case t == "":
	case t.Float() <= 0:
		w.Raw(`,"do_sample":false`)
	case t.Float() > 1:
		w.Lose(r.Names.Temperature, "the highest temperature here is 1: "+r.Temperature+" became 1")
		w.Raw(`,"temperature":1`)
	default:
		w.Member(`,"temperature":`, r.Temperature)
	}
	if t := conv.Raw(r.TopP); t != "" && t.Float() < 0.01 {
		w.Lose(r.Names.TopP, "the lowest top_p here is 0.01: "+r.TopP+" became 0.01")
		w.Raw(`,"top_p":0.01`)
	} else {
		w.Member(`,"top_p":`, r.TopP)
	}
}

func (w *writer) stops() {
	stops, most, why := w.Req.Stop, 4, "no more than four stop sequences are taken: the first four were kept"
	switch {
	case w.Reasons, w.grok():
		most, why = 0, whyReasons
	case w.flavor == zhipu:
		most, why = 1, "only one stop sequence is taken: the first was kept"
	}
	if len(stops) > most {
		w.Lose(w.Req.Names.Stop, why)
		stops = stops[:most]
	}
	for i, stop := range stops {
		if i == 0 {
			w.Raw(`,"stop":[`)
		} else {
			w.Raw(",")
		}
		w.Str(stop)
	}
	if len(stops) > 0 {
		w.Raw("]")
	}
}

// user writes the id of the end user. One of a length that is not taken is
// replaced by its hash, which names the same user.
func (w *writer) user() {
	user, member, least, most := w.Req.User, `,"user":`, 0, 64
	if w.flavor == zhipu {
		member, least, most = `,"user_id":`, 6, 128
	}
	if user.Empty() {
		return
	}
	if w.house == mistral {
		w.Lose(w.Req.Names.User, whyServer)
		return
	}
	w.Raw(member)
	if n := utf8.RuneCountInString(user.Inner()); n <= most && n >= least {
		w.Str(user)
		return
	}
	sum := sha256.Sum256([]byte(user.String()))
	w.Quoted(hex.EncodeToString(sum[:]))
}

// settings writes what only some protocols have.
func (w *writer) settings() {
	stored := false
	for i := range w.Req.Settings {
		s := &w.Req.Settings[i]
		stored = stored || s.Key == conv.Store && s.Value == "true"
	}
	w.Req.Place(w.Lose, func(s *conv.Setting) bool {
		known, why := w.takes(s.Key)
		if s.Key == conv.Metadata && why == "" && !stored {
			why = "labels go with answers that are stored"
		}
		switch {
		case !known:
			return false
		case why != "":
			w.Lose(s.Field, why)
		case w.house == mistral && s.Key == conv.Seed:
			w.Member(`,"random_seed":`, string(s.Value))
		default:
			w.Raw(`,"`)
			w.Raw(s.Key)
			w.Raw(`":`)
			w.Raw(string(s.Value))
		}
		return true
	})
}

// takes reports that the protocol knows a setting, and why this server does
// not take it. Of servers that are merely compatible some reject what they do
// not know: they get what all of them do.
func (w *writer) takes(key string) (known bool, why string) {
	fixed := w.Reasons || w.house == kimi || w.grok()
	switch key {
	case conv.Seed:
		return true, unless(w.flavor != zhipu, whyServer)
	case conv.FrequencyPenalty, conv.PresencePenalty:
		return true, unless(w.flavor != zhipu, whyServer) + unless(!fixed, whyReasons)
	case conv.LogitBias:
		return true, unless(w.ofOpenAI(), whyServer) + unless(!w.Reasons, whyReasons)
	case conv.LogProbs, conv.TopLogProbs:
		return true, unless(w.ofOpenAI(), whyServer) + unless(!w.Reasons || w.rests(), whyReasons)
	case conv.Verbosity:
		return true, unless(w.ofOpenAI() && w.Reasons, whyServer)
	case conv.Metadata, conv.Store, conv.ServiceTier, conv.PromptCacheKey, conv.CacheRetention, conv.SafetyIdentifier:
		return true, unless(w.ofOpenAI(), whyServer)
	}
	return false, ""
}

// unless returns why, unless the condition holds.
func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}
