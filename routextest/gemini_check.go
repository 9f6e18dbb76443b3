package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

const (
	geminiMembers = " contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent model serviceTier store labels "
	geminiConfig  = " stopSequences responseMimeType responseSchema responseJsonSchema responseModalities candidateCount maxOutputTokens temperature topP topK seed" +
		" presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers speechConfig thinkingConfig imageConfig mediaResolution "
)

// unknownName is how Google refuses a member.
func unknownName(name string) string {
	return "Invalid JSON payload received. Unknown name \"" + name + "\": Cannot find field."
}

// validate refuses what the real API refuses. Members are known as the
// documentation writes them, not in the words of protocol buffers.
func (d gemini) validate(c *Call) string {
	body := c.view()
	if name := stranger(body, geminiMembers); name != "" {
		return unknownName(name)
	}
	for _, problem := range []string{geminiSettings(body), geminiForm(c, body), geminiThinking(c, body), geminiTools(body)} {
		if problem != "" {
			return problem
		}
	}
	return d.conversation(c, body)
}

func geminiSettings(body gjson.Result) string {
	config, system := body.Get("generationConfig"), body.Get("systemInstruction")
	switch {
	case stranger(config, geminiConfig) != "":
		return unknownName(stranger(config, geminiConfig))
	case outside(config.Get("temperature"), 0, 2):
		return "generation_config.temperature: must be in the range [0.0, 2.0]"
	case outside(config.Get("topP"), 0, 1):
		return "generation_config.top_p: must be in the range [0.0, 1.0]"
	case outside(config.Get("topK"), 1, 1e6):
		return "generation_config.top_k: must be positive"
	case outside(config.Get("maxOutputTokens"), 1, 1e9):
		return "generation_config.max_output_tokens: must be positive"
	case outside(config.Get("candidateCount"), 1, 8):
		return "generation_config.candidate_count: must be in the range [1, 8]"
	case len(config.Get("stopSequences").Array()) > 5:
		return "generation_config.stop_sequences: at most 5"
	case system.Exists() && !system.Get("parts.0.text").Exists():
		return "system_instruction.parts: must hold text"
	}
	return ""
}

// geminiForm checks the form that is wanted of the answer.
func geminiForm(c *Call, body gjson.Result) string {
	config := body.Get("generationConfig")
	schema, jsonSchema := config.Get("responseSchema"), config.Get("responseJsonSchema")
	mime := config.Get("responseMimeType").String()
	switch {
	case schema.Exists() && jsonSchema.Exists():
		return "generation_config: response_schema and response_json_schema must not both be set"
	case (schema.Exists() || jsonSchema.Exists()) && mime != "application/json" && mime != "text/x.enum":
		return "generation_config.response_mime_type: must be application/json with a response schema"
	case mime == "application/json" && body.Get("tools.0.functionDeclarations").Exists() && !third(c.Model):
		return "Function calling with a response mime type: 'application/json' is unsupported"
	case schema.Exists():
		return geminiSchema("generation_config.response_schema", schema)
	}
	return ""
}

func geminiThinking(c *Call, body gjson.Result) string {
	t := body.Get("generationConfig.thinkingConfig")
	switch {
	case stranger(t, " includeThoughts thinkingBudget thinkingLevel ") != "":
		return unknownName(stranger(t, " includeThoughts thinkingBudget thinkingLevel "))
	case t.Get("thinkingBudget").Exists() && t.Get("thinkingLevel").Exists():
		return "You can only set only one of thinking budget and thinking level."
	case t.Get("thinkingLevel").Exists() && !third(c.Model):
		return "Thinking level is not supported for this model."
	case strings.HasPrefix(c.Model, "gemini-2.5-pro") && t.Get("thinkingBudget").Exists() && t.Get("thinkingBudget").Int() == 0:
		return "Budget 0 is invalid. This model only works in thinking mode."
	case outside(t.Get("thinkingBudget"), -1, 32768):
		return "The thinking budget is invalid. Please choose a value between 0 and 32768."
	}
	return ""
}

func geminiTools(body gjson.Result) string {
	names := map[string]bool{}
	problem := each(body.Get("tools"), bracketed("tools"), func(_ int, t gjson.Result) string {
		return each(t.Get("functionDeclarations"), bracketed("function_declarations"), func(_ int, f gjson.Result) string {
			name := f.Get("name").String()
			const known = " name description behavior parameters parametersJsonSchema response responseJsonSchema "
			switch {
			case stranger(f, known) != "":
				return unknownName(stranger(f, known))
			case !plainName(name, 64, ".:") || strings.ContainsRune("0123456789-.:", rune(name[0])):
				return "name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore."
			case names[name]:
				return "name: Duplicate function declaration found: " + name
			case f.Get("parameters").Exists() && f.Get("parametersJsonSchema").Exists():
				return "parameters and parameters_json_schema must not both be set"
			}
			names[name] = true
			return geminiSchema("parameters", f.Get("parameters"))
		})
	})
	choice := body.Get("toolConfig.functionCallingConfig")
	switch allowed := choice.Get("allowedFunctionNames"); {
	case problem != "":
		return problem
	case allowed.Exists() && choice.Get("mode").String() != "ANY" && choice.Get("mode").String() != "VALIDATED":
		return "allowed_function_names should only be set when function calling mode is ANY."
	case choice.Get("mode").String() == "ANY" && len(names) == 0:
		return "Function calling config is set without function_declarations."
	default:
		return each(allowed, bracketed("allowed_function_names"), func(_ int, name gjson.Result) string {
			if !names[name.String()] {
				return name.String() + " is not a declared function"
			}
			return ""
		})
	}
}

const geminiSchemaMembers = " type format title description nullable enum maxItems minItems properties required minProperties maxProperties minLength maxLength" +
	" pattern example anyOf propertyOrdering default items minimum maximum "

// geminiSchema checks a schema in Google's subset.
func geminiSchema(path string, s gjson.Result) string {
	kind := strings.ToUpper(s.Get("type").String())
	switch {
	case !s.Exists():
		return ""
	case stranger(s, geminiSchemaMembers) != "":
		return unknownName(stranger(s, geminiSchemaMembers)) + " at '" + path + "'"
	case given(s.Get("type")) && s.Get("type").Type != gjson.String:
		return path + ".type: Proto field is not repeating, cannot start list."
	case kind == "" && !s.Get("anyOf").Exists():
		return path + ": type must be specified"
	case kind == "OBJECT" && s.Get("properties").Exists() && s.Get("properties").Raw == "{}":
		return path + ".properties: should be non-empty for OBJECT type"
	case kind == "ARRAY" && !s.Get("items").Exists():
		return path + ".items: missing field."
	case s.Get("enum").Exists() && kind != "STRING":
		return path + ".enum: only allowed for STRING type"
	}
	problem := ""
	s.Get("properties").ForEach(func(name, property gjson.Result) bool {
		problem = geminiSchema(path+".properties["+name.String()+"]", property)
		return problem == ""
	})
	s.Get("required").ForEach(func(_, name gjson.Result) bool {
		if problem == "" && !s.Get("properties").Map()[name.String()].Exists() {
			problem = path + ".required: property is not defined"
		}
		return problem == ""
	})
	if problem == "" {
		problem = each(s.Get("anyOf"), bracketed(path+".any_of"), func(_ int, one gjson.Result) string { return geminiSchema("", one) })
	}
	if problem == "" {
		problem = geminiSchema(path+".items", s.Get("items"))
	}
	return problem
}
