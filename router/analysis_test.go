package router_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

// Prompts as people write them. Want names what must be so: category, intent,
// complexity, code (or !code), language=...
func TestAnalysis(t *testing.T) {
	for _, test := range []struct{ prompt, want string }{
		// Asking.
		{"What is the capital of France?", "general question simple !code"},
		{"how many moons does jupiter have", "general question simple"},
		{"Explain how photosynthesis works to a ten-year-old.", "general question simple"},
		{"What's the difference between TCP and UDP?", "technical question simple !code"},
		{"How do I reverse a linked list in Python?", "coding question !code language=python"},
		{"What does `git rebase -i HEAD~3` do?", "coding question"},
		{"法国的首都是哪里？", "general question simple !code"},
		{"什么是量子纠缠", "general question simple"},
		{"Go语言里的协程和线程有什么区别？", "coding question language=go"},
		{"Kubernetes 和 Docker 的区别是什么？", "technical question"},

		// Faults.
		{"My React component crashes with TypeError: undefined is not a function. Can you help?", "coding debug language=javascript"},
		{"Fix the login bug: users get a 500 error after resetting their password.", "coding debug"},
		{"The build is failing with 'undefined reference to main'. What's wrong?", "debug"},
		{"Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    import nump\nModuleNotFoundError: No module named 'nump'", "debug"},
		{"程序报错了：空指针异常，帮我排查一下", "coding debug"},
		{"为什么我的代码跑不起来？\n```python\ndef f(x):\n    return x +\n```", "coding debug code language=python"},
		{"Our nginx server keeps crashing under load, find the root cause", "technical debug"},

		// Judging.
		{"Please review this pull request:\n\nfunc Add(a, b int) int {\n\treturn a + b\n}", "coding review code language=go"},
		{"Code review, please. Any suggestions?\n```rust\nfn main() { let mut v = Vec::new(); v.push(1); println!(\"{:?}\", v); }\n```", "coding review code language=rust"},
		{"Can you proofread my cover letter?", "writing review"},
		{"Is this correct: 'He don't like apples'? Give me feedback on the grammar.", "writing review"},
		{"请帮我审查这段代码，看看有没有问题", "coding review"},
		{"帮我看看这篇作文，提意见", "writing review"},

		// Analysing.
		{"Analyze the quarterly revenue data and explain the trends.", "analysis analysis"},
		{"Compare PostgreSQL and MongoDB for a write-heavy workload, with pros and cons.", "analysis"},
		{"Summarize the following article in three bullet points.", "writing analysis"},
		{"分析一下这份财报的营收趋势", "analysis analysis"},
		{"对比一下 iPhone 和 Pixel 的优缺点", "analysis analysis"},

		// Making texts.
		{"Write a haiku about the sea.", "creative generation simple !code"},
		{"Write a short story about a robot who learns to paint.", "creative generation"},
		{"Draft an email to my landlord about the broken heating.", "writing generation"},
		{"Brainstorm ten names for a coffee brand", "creative generation"},
		{"写一首关于秋天的诗", "creative generation simple !code"},
		{"帮我写一封请假邮件", "writing generation"},
		{"讲个故事哄孩子睡觉", "creative generation"},

		// Doing.
		{"Write a function in Go that parses RFC 3339 dates.", "coding task language=go"},
		{"Add a dark mode toggle to the settings page.", "task"},
		{"Refactor this class to use dependency injection.", "coding task"},
		{"Create a REST API endpoint with FastAPI that returns the current user.", "coding task language=python"},
		{"Translate to German: The weather is nice today.", "writing task simple"},
		{"Set up a CI/CD pipeline for a Node.js service on AWS.", "task"},
		{"用Python写一个爬虫脚本", "coding task language=python"},
		{"把这段话翻译成英文：今天天气很好", "writing task"},
		{"实现一个LRU缓存，用Java", "coding task language=java"},
		{"SELECT name, COUNT(*) FROM users GROUP BY name;\nMake this query faster.", "coding task code language=sql"},

		// Looking up.
		{"Find papers on graph neural networks and give me a literature review with citations.", "research"},
		{"I need peer-reviewed sources on the effects of caffeine on sleep.", "research"},
		{"帮我查一下量子计算的最新研究文献", "research"},

		// Talking.
		{"hi", "conversation conversation simple"},
		{"Hello! How are you?", "conversation conversation simple"},
		{"thanks, that's great", "conversation conversation simple"},
		{"你好", "conversation conversation simple"},
		{"谢谢！", "conversation conversation simple"},
		{"Thanks! Now add unit tests for it.", "task"},
		{"ok", "conversation simple"},
		{"", "general conversation simple !code"},

		// Not code, though the words are.
		{"We plan a class action against the import company over unpaid duties.", "!code"},
		{"Let me return to the function of the wedding: who is invited?", "!code"},
		{"Remove the rust from my bike and then go for a swift ride.", "!code language="},
		{"I love coffee from Java and rubies.", "!code"},

		// Much to do.
		{"Design a distributed rate limiter for a multi-region production system. Explain the architecture, the trade-offs, security, and how to migrate without downtime.", "technical complex"},
		{"Design a payment platform:\n1. accounts\n2. ledgers\n3. payouts\n4. refunds\n5. fraud checks\n6. reports\n7. audit\n8. API\nDescribe the architecture step by step in detail, prove that no money is lost, compare the trade-offs, plan the migration, and make it scalable and secure for production." + strings.Repeat(" It must handle many currencies and countries with their own rules for tax and settlement.", 12), "very_complex"},
		{"设计一个高可用的分布式订单系统，详细说明架构、并发控制、数据库分片方案以及迁移步骤，并对比不同方案的权衡", "technical complex"},
	} {
		a := parse(t, say(test.prompt)).Analysis()
		is := []string{a.Category, a.Intent, a.Complexity, "!code"}
		if a.HasCode {
			is[3] = "code"
		}
		for want := range strings.FieldsSeq(test.want) {
			if language, ok := strings.CutPrefix(want, "language="); ok {
				if first := strings.Join(append(slices.Clip(a.Languages), ""), " "); language != "" && !strings.HasPrefix(first, language+" ") || language == "" && len(a.Languages) > 0 {
					t.Errorf("%.60q: languages %q, want %s", test.prompt, a.Languages, language)
				}
			} else if !slices.Contains(is, want) {
				t.Errorf("%.60q is %v, want %s", test.prompt, is, want)
			}
		}
		// A name twice asks for both places.
		if two := strings.Fields(test.want); len(two) > 1 && two[0] == two[1] && (a.Category != two[0] || a.Intent != two[0]) {
			t.Errorf("%.60q is %v, want %s twice", test.prompt, is, two[0])
		}
	}
}

func TestLanguagesOfCode(t *testing.T) {
	for language, code := range map[string]string{
		"c":          "#include <stdio.h>\nint main(void) {\n\tchar *p = malloc(10);\n\tprintf(\"%s\", p);\n}",
		"cpp":        "#include <iostream>\nint main() {\n  std::vector<int> v;\n  std::cout << v.size();\n}",
		"csharp":     "using System;\nnamespace App {\n  public class P {\n    static void Main(string[] args) { Console.WriteLine(\"x\"); }\n  }\n}",
		"css":        ".box {\n  display: flex;\n  margin: 0 auto;\n  padding: 4px;\n}",
		"go":         "package main\n\nfunc main() {\n\tdata, err := read()\n\tif err != nil {\n\t\treturn\n\t}\n}",
		"html":       "<div class=\"a\">\n  <span>hi</span>\n</div>",
		"java":       "public class A {\n  public static void main(String[] args) {\n    System.out.println(\"x\");\n  }\n}",
		"javascript": "const f = async () => {\n  console.log(await fetch('/x'));\n};",
		"kotlin":     "data class User(val name: String)\nfun main() {\n  println(User(\"x\"))\n}",
		"php":        "<?php\necho $this->name;",
		"powershell": "Get-ChildItem | ForEach-Object { Write-Host $_ }",
		"python":     "import os\n\ndef main():\n    for i in range(3):\n        print(i)\n",
		"ruby":       "class A\n  attr_accessor :x\n  def go\n    [1].each do |y|\n      puts y\n    end\n  end\nend",
		"rust":       "fn main() {\n    let mut v = Vec::new();\n    println!(\"{}\", v.len());\n}",
		"shell":      "#!/bin/bash\nset -e\nsudo apt-get install curl | grep x\n",
		"sql":        "SELECT * FROM users u INNER JOIN orders o ON o.uid = u.id WHERE o.total > 5 ORDER BY o.id;",
		"swift":      "import SwiftUI\nstruct V: View {\n  var body: some View { Text(\"x\") }\n}",
		"typescript": "interface User {\n  name: string;\n  age: number;\n}\nexport type Id = string;",
	} {
		for _, prompt := range []string{"```\n" + code + "\n```", "What does this do?\n\n```" + language + "\n" + code + "\n```"} {
			a := parse(t, say(prompt)).Analysis()
			if !a.HasCode || len(a.Languages) == 0 || a.Languages[0] != language {
				t.Errorf("%s: code %v in %q", prompt, a.HasCode, a.Languages)
			}
		}
	}
}

// talk makes a conversation, the user first.
func talk(turns ...string) string {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	var list []message
	for i, text := range turns {
		list = append(list, message{[]string{"user", "assistant"}[i%2], text})
	}
	b, _ := json.Marshal(struct {
		Model    string    `json:"model"`
		Messages []message `json:"messages"`
	}{"m", list})
	return string(b)
}

func TestTheLastTurnsAreAnalyzed(t *testing.T) {
	filler := strings.Repeat("The garden is green and the sky is blue today. ", 400) // 19 KB
	for name, test := range map[string]struct {
		body string
		want router.Analysis
	}{
		"the last turn tells the intent": {
			talk("Write a poem about the sea.", "...", "Now review it, please."),
			router.Analysis{Category: router.Creative, Complexity: router.Simple, Intent: router.Review},
		},
		"what the model said does not count": {
			talk("hi", "```go\npackage main\n```", "thanks"),
			router.Analysis{Category: router.Conversation, Complexity: router.Simple, Intent: router.Conversation},
		},
		"what was long ago does not count": {
			talk("Fix this bug:\n```go\npackage main\n```", "a", "What is love?", "b", "Who are you?", "c", "Where is Rome?", "d", "When is lunch?"),
			router.Analysis{Category: router.General, Complexity: router.Simple, Intent: router.Question},
		},
		"turns of tools do not count": {
			`{"model":"m","messages":[{"role":"user","content":"Write a poem about the sea."},{"role":"user","content":[{"type":"tool_result","content":"panic: bug"}]}]}`,
			router.Analysis{Category: router.Creative, Complexity: router.Simple, Intent: router.Generation},
		},
		"reminders of agents do not count": {
			`{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>Fix every bug and crash.</system-reminder>"},{"type":"text","text":"Write a poem about the sea."}]}]}`,
			router.Analysis{Category: router.Creative, Complexity: router.Simple, Intent: router.Generation},
		},
		"of a long turn, the beginning counts": {
			talk("Write a poem about the sea. " + filler),
			router.Analysis{Category: router.Creative, Complexity: router.VeryComplex, Intent: router.Generation},
		},
		"of a long turn, the end counts": {
			talk(filler + "\nWrite a poem about the sea."),
			router.Analysis{Category: router.Creative, Complexity: router.VeryComplex, Intent: router.Generation},
		},
		"of a long turn, the middle does not count": {
			talk(filler + "Fix this bug: panic: crash" + filler),
			router.Analysis{Category: router.General, Complexity: router.VeryComplex, Intent: router.Task},
		},
	} {
		if got := parse(t, test.body).Analysis(); got.Complexity != test.want.Complexity && name[:2] != "of" ||
			got.Category != test.want.Category || got.Intent != test.want.Intent || !reflect.DeepEqual(got.Languages, test.want.Languages) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
