package routextest

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// usualDimensions is the length of a vector for which none is asked.
const usualDimensions = 8

// vector gives a text numbers that are always the same for the same text.
func vector(text string, dimensions int) []float32 {
	if dimensions == 0 {
		dimensions = usualDimensions
	}
	out := make([]float32, dimensions)
	for i := range out {
		h := fnv.New32a()
		h.Write([]byte(strconv.Itoa(i) + text))
		out[i] = float32(h.Sum32()%2001)/1000 - 1
	}
	return out
}

func floats(v []float32) string {
	items := make([]string, len(v))
	for i, f := range v {
		items[i] = strconv.FormatFloat(float64(f), 'g', -1, 32)
	}
	return list(items)
}

// packed is a vector in base64, little endian.
func packed(v []float32) string {
	var raw []byte
	for _, f := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	return text(base64.StdEncoding.EncodeToString(raw))
}

// embed gives the vectors of texts.
func (s *session) embed() {
	vectors := openAIVectors
	if s.call.Protocol == "gemini" {
		vectors = geminiVectors
	}
	body, problem := vectors(&s.call)
	if problem != "" {
		s.refuse(bad(problem))
		return
	}
	s.whole([]byte(body))
}

func openAIVectors(c *Call) (body, problem string) {
	v := c.view()
	input, format := v.Get("input"), firstOf(v.Get("encoding_format").String(), "float")
	texts := input.Array() // of one, for a string
	switch {
	case !given(v.Get("model")):
		return "", "you must provide a model parameter"
	case stranger(v, " model input encoding_format dimensions user ") != "":
		return "", "Unrecognized request argument supplied: " + stranger(v, " model input encoding_format dimensions user ")
	case len(texts) == 0 || texts[0].Raw == `""`:
		return "", "'$.input' is invalid: it must not be empty"
	case format != "float" && format != "base64":
		return "", "encoding_format must be float or base64"
	}
	if texts[0].Type == gjson.Number { // one text as tokens
		texts = []gjson.Result{input}
	}
	items := make([]string, 0, len(texts))
	for i, t := range texts {
		numbers := vector(t.String(), int(v.Get("dimensions").Int()))
		value := floats(numbers)
		if format == "base64" {
			value = packed(numbers)
		}
		items = append(items, `{"object":"embedding","index":`+number(i)+`,"embedding":`+value+`}`)
	}
	tokens := number(estimate([]byte(input.Raw)))
	return `{"object":"list","data":` + list(items) + `,"model":` + text(c.Model) + `,"usage":{"prompt_tokens":` + tokens + `,"total_tokens":` + tokens + `}}`, ""
}

func geminiVectors(c *Call) (body, problem string) {
	v := c.view()
	if strings.HasSuffix(c.Path, ":embedContent") {
		values, problem := geminiVector(v)
		return `{"embedding":` + values + `}`, problem
	}
	if !v.Get("requests.0").Exists() {
		return "", "requests: must not be empty"
	}
	var items []string
	problem = each(v.Get("requests"), bracketed("requests"), func(_ int, r gjson.Result) string {
		if r.Get("model").String() != "models/"+c.Model {
			return "model: must be that of the path"
		}
		values, problem := geminiVector(r)
		items = append(items, values)
		return problem
	})
	return `{"embeddings":` + list(items) + `}`, problem
}

func geminiVector(r gjson.Result) (values, problem string) {
	const known = " model content taskType title outputDimensionality "
	if name := stranger(r, known); name != "" {
		return "", unknownName(name)
	}
	var words strings.Builder
	r.Get("content.parts").ForEach(func(_, part gjson.Result) bool {
		words.WriteString(part.Get("text").String())
		return true
	})
	if words.Len() == 0 {
		return "", "content: must not be empty"
	}
	return `{"values":` + floats(vector(words.String(), int(r.Get("outputDimensionality").Int()))) + `}`, ""
}
