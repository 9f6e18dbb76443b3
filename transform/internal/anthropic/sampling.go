package anthropic

import "github.com/dctx-team/routex/transform/internal/conv"

// sampling writes temperature, top_p and top_k, as far as version, model and
// reasoning let them pass.
func (w *writer) sampling() {
	r := w.Req
	switch {
	case r.Target.Version >= newVersion:
		w.unsampled("this version of the API takes no sampling parameters")
		return
	case !w.model.samples():
		w.unsampled("this model takes no sampling parameters")
		return
	case w.on:
		w.reasoned()
		return
	}
	topP := r.TopP
	if r.Temperature != "" && topP != "" && w.model.oneSampling() {
		w.drop(r.Names.TopP, topP, "this model takes temperature or top_p, not both")
		topP = ""
	}
	w.Member(`,"temperature":`, w.temperature())
	w.Member(`,"top_p":`, topP)
	w.Member(`,"top_k":`, r.TopK)
}

// temperature returns the value within the protocol's range.
func (w *writer) temperature() string {
	t := w.Req.Temperature
	if conv.Raw(t).Float() <= 1 {
		return t
	}
	w.Lose(w.Req.TemperatureName(), "the highest temperature here is 1: "+t+" became 1")
	return "1"
}

// unsampled reports what is not taken, unless it is what holds anyway.
func (w *writer) unsampled(why string) {
	r := w.Req
	w.drop(r.TemperatureName(), r.Temperature, why)
	w.drop(r.Names.TopP, r.TopP, why)
	if r.TopK != "" {
		w.Lose(r.Names.TopK, why)
	}
}

// reasoned leaves out what cannot stand beside reasoning: all but a high
// top_p.
func (w *writer) reasoned() {
	const why = "a model that reasons does not take it"
	r := w.Req
	w.drop(r.TemperatureName(), r.Temperature, why)
	if f := conv.Raw(r.TopP).Float(); f >= 0.95 && f <= 1 {
		w.Member(`,"top_p":`, r.TopP)
	} else if r.TopP != "" {
		w.Lose(r.Names.TopP, why)
	}
	if r.TopK != "" {
		w.Lose(r.Names.TopK, why)
	}
}

// drop reports the loss of a value other than 1, which is the default.
func (w *writer) drop(field, value, why string) {
	if value != "" && conv.Raw(value).Float() != 1 {
		w.Lose(field, why)
	}
}
