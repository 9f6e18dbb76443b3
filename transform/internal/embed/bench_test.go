package embed_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/dctx-team/routex/transform/internal/embed"
)

// vectors is an answer of Gemini with n embeddings of 1,536 dimensions.
func vectors(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"embeddings":[`)
	for i := range n {
		b.WriteString([]string{`{"values":[0`, `,{"values":[0`}[min(i, 1)])
		for j := range 1535 {
			fmt.Fprintf(&b, ",%.8f", float64(j-700)/70001)
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func BenchmarkAnswerToOpenAI(b *testing.B) {
	in := vectors(10)
	for name, o := range map[string]embed.Answer{"numbers": {}, "base64": {Base64: true}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := embed.ReadGeminiResponse(in)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := embed.WriteOpenAIResponse(make([]byte, 0, len(in)), r, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRequestToGemini(b *testing.B) {
	in := []byte(`{"model":"m","encoding_format":"base64","input":[`)
	for i := range 100 {
		in = fmt.Appendf(in, `%s"%s"`, []string{"", ","}[min(i, 1)], bytes.Repeat([]byte("word "), 20))
	}
	in = append(in, `]}`...)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := embed.ReadOpenAIRequest(in, lose)
		if err != nil {
			b.Fatal(err)
		}
		embed.WriteGeminiRequest(make([]byte, 0, 2*len(in)), r)
	}
}
