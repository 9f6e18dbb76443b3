package router

import (
	"slices"
	"strings"
	"sync"
)

// A cue is a word, or several, by which something is told.
type cue struct {
	of     field
	value  uint8 // its place in the list of the field's values
	weight uint8
}

// A field is what cues are for.
type field uint8

const (
	ofIntent field = iota
	ofCategory
	ofLanguage
	ofDepth // of thought that is asked for
	fieldCount
)

// A cueTable has the words of cues, folded: those in Latin letters are whole
// words, unless a star says that they may go on.
type cueTable struct {
	finder *finder
	cues   [][]cue // by literal; a word can tell several things
	ids    map[literal]int
}

// add reads lines of the form
//
//	value weight: word | another word | stem*
func (t *cueTable) add(of field, values []string, lines string) {
	for line := range strings.Lines(lines) {
		head, words, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		value, weight, _ := strings.Cut(head, " ")
		c := cue{of, uint8(slices.Index(values, value)), weight[0] - '0'}
		for word := range strings.SplitSeq(words, " | ") {
			l := cueLiteral(word)
			id, known := t.ids[l]
			if !known {
				id = len(t.cues)
				t.ids[l], t.cues = id, append(t.cues, nil)
			}
			t.cues[id] = append(t.cues[id], c)
		}
	}
}

func cueLiteral(word string) literal {
	stem, open := strings.CutSuffix(word, "*")
	l := literal{text: stem}
	if isWord(stem[0]) {
		l.left = ofWord
	}
	if !open && isWord(stem[len(stem)-1]) {
		l.right = ofWord
	}
	return l
}

func (t *cueTable) ready() *cueTable {
	literals := make([]literal, len(t.cues))
	for l, id := range t.ids {
		literals[id] = l
	}
	t.finder = newFinder(literals)
	return t
}

// The cues in what is said, and in code.
var (
	proseCues = sync.OnceValue(func() *cueTable {
		t := &cueTable{ids: make(map[literal]int)}
		t.add(ofIntent, intents[:], intentWords)
		t.add(ofCategory, categories[:], categoryWords)
		t.add(ofLanguage, languages[:], languageNames)
		t.add(ofDepth, []string{"deep"}, deepWords)
		return t.ready()
	})
	codeCues = sync.OnceValue(func() *cueTable {
		t := &cueTable{ids: make(map[literal]int)}
		t.add(ofLanguage, languages[:], languageSyntax)
		return t.ready()
	})
)

// intentWords tell what a text wants.
const intentWords = `
debug 4: does this fail | is this failing | debug* | bug | bugs | buggy | traceback | stack trace | stacktrace | segfault | segmentation fault | core dump | exception | crash* | doesn't work | does not work | not working | isn't working | stopped working | won't start | won't compile | fails with | fails to | keeps failing | error message | error: | errors: | typeerror | nullpointerexception | syntaxerror | panic: | undefined is not | what's wrong | what is wrong | going wrong | root cause | troubleshoot* | memory leak | deadlock | 报错 | 调试 | 崩溃 | 异常 | 出错 | 修复 | 不工作 | 无法运行 | 跑不起来 | 排查 | 闪退 | 死锁 | 内存泄漏 | 怎么解决这个错误 | 哪里出了问题 | 哪里错了
debug 2: fix | fail | fixing | error | errors | broken | failing | failed | fails | 错误 | 失败 | 有问题 | 不对
review 4: review | reviewing | code review | critique | proofread* | feedback on | give me feedback | look over | sanity check | double-check | what do you think of | any suggestions | check my | check this | is this correct | is this right | 审查 | 评审 | 审阅 | 点评 | 代码审查 | 检查一下 | 检查代码 | 帮我看看 | 看一下这段 | 提意见 | 有什么建议 | 有没有问题 | 校对 | 把关 | 挑错
analysis 4: analyze* | analyse* | analysis | compare | comparing | comparison | evaluate | assess* | pros and cons | trade-off* | tradeoff* | trends | breakdown of | interpret* | correlat* | benchmark* | 分析 | 比较 | 对比 | 评估 | 优缺点 | 利弊 | 解读 | 趋势
analysis 2: summarize* | summarise* | versus | vs | differences between | 总结 | 归纳 | 概括
generation 4: poem | poems | haiku | lyrics | short story | a story | bedtime story | essay | cover letter | blog post | article | press release | slogan | tagline | screenplay | sonnet | fairy tale | speech | an email | a letter | newsletter | draft* | compose | brainstorm* | come up with | 写一首 | 写首 | 写一篇 | 写篇 | 写一封 | 写封 | 写个故事 | 写一个故事 | 作文 | 文案 | 起草 | 撰写 | 创作 | 编一个 | 讲个故事 | 生成一张 | 画一 | 想几个 | 起个名字 | 演讲稿
generation 2: write | generate | produce | imagine | invent | 写 | 生成 | 画
task 4: implement* | refactor* | migrate | deploy | configure | set up | install | rename | convert | translate | extract | integrate | automate | upgrade | optimi*e | schedule | 实现 | 重构 | 部署 | 配置 | 安装 | 迁移 | 转换 | 翻译 | 提取 | 集成 | 升级 | 优化 | 重命名 | 添加 | 增加一个 | 修改 | 更新 | 删除 | 把这
task 3: create | build | add | update | remove | delete | change | make | replace | move | run | execute | write a function | write a program | write a script | write a class | write code | write a test | write tests | write unit tests | write a query | write a regex | 写一个函数 | 写个函数 | 写一个脚本 | 写个脚本 | 写一个程序 | 写个程序 | 写代码 | 写一段代码 | 写单元测试 | 写一个类 | 创建 | 新建 | 构建 | 制作 | 做一个 | 做个 | 替换 | 改成 | 改为
question 2: what is | what are | what's | what does | how do | how does | how can | how to | how many | how much | why is | why does | why do | why are | when did | where is | who is | who was | which one | can you explain | explain | what happens | is there | are there | tell me about | difference between | 什么是 | 是什么 | 什么意思 | 为什么 | 怎么 | 如何 | 怎样 | 哪个 | 哪里 | 哪些 | 多少 | 几点 | 谁是 | 是谁 | 吗 | 呢 | 解释 | 介绍一下 | 区别
question 1: what | how | why | when | where | who | which | whose | can i | could i | should i | does | do you
conversation 3: hello | hi | hey | good morning | good evening | good night | thanks | thank you | thx | bye | goodbye | see you | how are you | nice to meet you | you're welcome | lol | haha | sounds good | cool | 你好 | 您好 | 嗨 | 早上好 | 晚上好 | 晚安 | 谢谢 | 感谢 | 再见 | 拜拜 | 好的 | 哈哈 | 辛苦了 | 在吗
`

// categoryWords tell what a text is about.
const categoryWords = `
coding 4: code | coding | source code | code review | programming | programmer | refactor* | unit test | unit tests | stack trace | traceback | compiler | compile | compiles | debug* | codebase | pull request | repo | repository | regex | regular expression | linter | 代码 | 编程 | 程序员 | 单元测试 | 重构 | 编译 | 调试 | 源码 | 正则表达式 | 报错
coding 3: function | functions | method | class | variable | variables | struct | api | apis | sdk | cli | json | library | framework | script | scripts | bug | bugs | exception | null pointer | recursion | recursive | loop | array | linked list | hash map | hashmap | binary tree | data structure | async | await | thread | goroutine | import | npm | git | commit | merge conflict | frontend | backend | full-stack | component | endpoint | middleware | parser | dependency injection | leetcode | query | 函数 | 变量 | 接口 | 脚本 | 数组 | 链表 | 递归 | 线程 | 协程 | 前端 | 后端 | 组件 | 框架 | 类库 | 数据结构 | 爬虫 | 写一个类
technical 4: kubernetes | docker | container | containers | infrastructure | microservice* | load balanc* | distributed system* | system design | high availability | database schema | sharding | replication | tcp | udp | dns | tls | vpn | firewall | ci/cd | terraform | nginx | devops | cloud | aws | gcp | azure | kernel | operating system | encryption | cryptograph* | 架构 | 服务器 | 微服务 | 负载均衡 | 分布式 | 高可用 | 集群 | 运维 | 容器 | 操作系统 | 加密 | 云计算 | 防火墙 | 系统设计
technical 3: algorithm | algorithms | architecture | database | databases | server | servers | network | networking | protocol | latency | throughput | scalab* | deployment | cache | caching | linux | cpu | gpu | memory | bandwidth | hardware | machine learning | neural network | transformer model | data pipeline | monitoring | security | vulnerability | authentication | 算法 | 数据库 | 网络 | 协议 | 延迟 | 吞吐 | 部署 | 缓存 | 内存 | 硬件 | 机器学习 | 神经网络 | 性能 | 安全漏洞 | 监控
writing 4: essay | cover letter | blog post | press release | newsletter | proofread* | grammar | rewrite | rephrase | paraphrase | copyedit* | translate | translation | an email | a letter | resume | paragraph | tone of voice | 写一封 | 写封 | 邮件 | 润色 | 翻译 | 作文 | 公文 | 语法 | 改写 | 简历 | 文案 | 演讲稿 | 周报 | 通知
writing 3: article | email | letter | draft* | summary | summarize* | summarise* | wording | sentence | polish | headline | speech | 文章 | 摘要 | 总结 | 段落 | 措辞 | 标题 | 写一篇 | 写篇 | 起草
analysis 4: analyze* | analyse* | pros and cons | trade-off* | statistic* | regression analysis | swot | quarterly | revenue | forecast* | kpi | market share | correlat* | survey results | churn | 分析 | 利弊 | 优缺点 | 统计 | 营收 | 财报 | 预测 | 市场份额 | 趋势
analysis 3: analysis | compare | comparison | evaluate | assess* | trend | trends | metrics | dataset | data | insight | insights | spreadsheet | chart | 数据 | 对比 | 比较 | 评估 | 指标 | 报表 | 图表
research 4: research | literature review | peer-reviewed | citation* | cite | bibliography | scholarly | systematic review | sources | studies | state of the art | find papers | white paper | 研究 | 文献 | 论文 | 调研 | 引用 | 参考资料 | 综述 | 学术
research 3: history of | study | evidence | survey | look up | find information | search for | latest news | investigate | according to | 历史 | 资料 | 查一下 | 搜索 | 最新消息 | 考证
creative 4: poem | poems | poetry | haiku | sonnet | lyrics | short story | bedtime story | a story | fairy tale | novel | screenplay | fiction | fictional | limerick | slogan | tagline | brainstorm* | role-play | roleplay | plot twist | 诗 | 故事 | 小说 | 歌词 | 剧本 | 童话 | 口号 | 广告语 | 头脑风暴 | 笑话 | 创意 | 角色扮演
creative 3: imagine | invent | character | characters | joke | song | creative | protagonist | dialogue | world-building | 想象 | 角色 | 主人公 | 起个名字 | 对联
conversation 4: hello | hi | hey | good morning | good evening | good night | thanks | thank you | thx | bye | goodbye | how are you | nice to meet you | lol | haha | 你好 | 您好 | 嗨 | 早上好 | 晚上好 | 晚安 | 谢谢 | 感谢 | 再见 | 拜拜 | 哈哈 | 在吗 | 辛苦了
`

// deepWords are signs of a request that takes thought.
const deepWords = `
deep 1: step by step | in detail | in depth | comprehensive | architecture | design | trade-off* | tradeoff* | optimi* | prove | proof | refactor* | distributed | concurren* | scalab* | security | end-to-end | production | migrat* | edge case* | multi-* | strategy | compare | implement* | 详细 | 深入 | 全面 | 架构 | 设计 | 权衡 | 优化 | 证明 | 重构 | 分布式 | 并发 | 高可用 | 安全 | 迁移 | 逐步 | 方案 | 对比 | 实现 | 完整
`
