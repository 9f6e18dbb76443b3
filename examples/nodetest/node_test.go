package nodetest

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// A question is one call, as any of the SDKs can ask it.
type question struct {
	SDK      string `json:"sdk"`
	URL      string `json:"url"`
	Model    string `json:"model"`
	Stream   bool   `json:"stream"`
	System   string `json:"system,omitempty"`
	Text     string `json:"text"`
	Image    bool   `json:"image,omitempty"`
	Tools    bool   `json:"tools,omitempty"`
	Format   bool   `json:"format,omitempty"`   // the answer has to fit a schema
	Thinking bool   `json:"thinking,omitempty"` // the model has to reason
	Echo     bool   `json:"echo,omitempty"`     // send the answer back with the tools' results, and read the next one
}

// A reading is what an SDK made of the answer.
type reading struct {
	Text      string `json:"text"`
	Reasoning string `json:"reasoning"`
	Calls     []call `json:"calls"`
	Stop      string `json:"stop"` // end, length, tool, refusal
	In        int64  `json:"in"`   // without Cached
	Cached    int64  `json:"cached"`
	Write     int64  `json:"write"`
	Out       int64  `json:"out"`
	Status    int    `json:"status"` // of the error: 0 for none, -1 for one without
	Problem   string `json:"problem"`
	Kind      string `json:"kind"` // the class of the error
}

type call struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Args string `json:"args"`
}

// A node is a process that asks questions.
type node struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
}

// start starts node, or skips the test where it is not set up.
func start(t *testing.T) *node {
	t.Helper()
	missing := func(why string) {
		if os.Getenv("ROUTEX_NODE") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	path, err := exec.LookPath("node")
	if err != nil {
		missing("node is not installed")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		missing("npm ci was not run in this folder")
	}
	cmd := exec.Command(path, "ask.mjs")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("node ended with %v", err)
		}
	})
	return &node{in: in, out: bufio.NewReader(out)}
}

func (n *node) ask(t *testing.T, q question) (r reading) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	line, _ := json.Marshal(q)
	if _, err := n.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	answer, err := n.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("node gave no answer: %v", err)
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	return r
}

// sameJSON compares two JSON texts by meaning.
func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	xs, _ := json.Marshal(x)
	ys, _ := json.Marshal(y)
	return string(xs) == string(ys)
}
