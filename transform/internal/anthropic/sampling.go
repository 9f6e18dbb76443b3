package anthropic

import "github.com/dctx-team/routex/transform/internal/conv"

// sampling writes temperature, top_p and top_k, as far as version, model and
// reasoning let them pass.
func (w *writer) sampling() {
	r := w.Req
	temperature, topP, topK := w.temperature(r.Temperature), r.TopP, r.TopK
	switch {
	case r.Target.Version >= newVersion:
		temperature, topP, topK = w.unsampled("this version of the API takes no sampling parameters")
	case !w.model.samples():
		temperature, topP, topK = w.unsampled("this model takes no sampling parameters")
	case w.on:
		temperature, topP, topK = w.reasoned(temperature, topP, topK)
	}
	if temperature != "" && topP != "" && w.model.oneSampling() {
		w.drop(r.Names.TopP, topP, "this model takes temperature or top_p, not both")
		topP = ""
	}
	w.Member(`,"temperature":`, temperature)
	w.Member(`,"top_p":`, topP)
	w.Member(`,"top_k":`, topK)
}

// temperature returns the value within the protocol's range.
func (w *writer) temperature(t string) string {
	if conv.Raw(t).Float() <= 1 {
		return t
	}
	if w.Req.Target.Version < newVersion && w.model.samples() && !w.on {
		w.Lose(w.Req.TemperatureName(), "the highest temperature here is 1: "+t+" became 1")
	}
	return "1"
}

// unsampled reports what is not taken, unless it is what holds anyway.
func (w *writer) unsampled(why string) (temperature, topP, topK string) {
	r := w.Req
	w.drop(r.TemperatureName(), r.Temperature, why)
	w.drop(r.Names.TopP, r.TopP, why)
	if r.TopK != "" {
		w.Lose(r.Names.TopK, why)
	}
	return "", "", ""
}

// reasoned leaves out what cannot stand beside reasoning.
func (w *writer) reasoned(temperature, topP, topK string) (_, _, _ string) {
	const why = "a model that reasons does not take it"
	r := w.Req
	w.drop(r.TemperatureName(), r.Temperature, why)
	if f := conv.Raw(topP).Float(); topP != "" && (f < 0.95 || f > 1) {
		w.Lose(r.Names.TopP, why)
		topP = ""
	}
	if topK != "" {
		w.Lose(r.Names.TopK, why)
	}
	return "", topP, ""
}

// drop reports the loss of a value other than 1, which is the default.
func (w *writer) drop(field, value, why string) {
	if value != "" && conv.Raw(value).Float() != 1 {
		w.Lose(field, why)
	}
}
