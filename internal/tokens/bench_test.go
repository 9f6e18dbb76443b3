package tokens_test

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/internal/tokens"
)

func BenchmarkText(b *testing.B) {
	for name, text := range map[string]string{
		"English": "The router spreads calls over several channels, and goes on to the next when one of them fails. ",
		"Go":      "func (p *plan) claimed() bool { return len(p.preferred)+len(p.others) > 0 }\n\n\tif err != nil {\n\t\treturn nil, err\n\t}\n",
		"Chinese": "人工智能模型的上下文窗口是有限的，因此路由器需要估计一个请求有多少个标记。",
		"Russian": "Настройки сохраняются в базе данных после каждого изменения. ",
		"escapes": `if err != nil {\n\treturn \"x\", err\n}\n\u4e2d\u6587`,
	} {
		b.Run(name, func(b *testing.B) {
			text := []byte(strings.Repeat(text, 500))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				tokens.Recent().JSON(text)
			}
		})
	}
}
