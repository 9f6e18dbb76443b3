package ruletest

// What the agent of SampleAgent has been told, in words of our own.
const (
	agentTask = "The test TestParseDuration/half_an_hour fails since yesterday: \"0.5h\" gives 5h0m0s. Find out why and fix it."

	agentRules = `You work on the user's code in a terminal, with tools.

# How to work
- Read a file before you change it. Change as little as solves the problem, in the manner of what is around it.
- Say in a sentence what you are about to do, then do it. Do not ask for leave for what can be undone.
- Run the tests of what you have changed. If they fail, say so; never call a thing done that was not seen to work.
- Never print a credential, never commit unless you are asked to, never push.

# How to write
- Short answers in plain words. No praise, no summary of what the user has just read.
- Name places in the code as file:line.

# Where you are
Working directory: /home/dev/clockwork
Branch: main, two files changed
Platform: linux, go 1.26`

	agentFile = "    35\t// parseDuration reads texts such as 90m, 1h30m and 0.5h.\n" +
		"    36\t//\n" +
		"    37\t// A number may have one dot.\n" +
		"    41\tfunc parseDuration(text string) (time.Duration, error) {\n" +
		"    42\t\tvar sum time.Duration\n" +
		"    43\t\tfor text != \"\" {\n" +
		"    44\t\t\tn, unit, rest, err := next(text)\n" +
		"    45\t\t\tif err != nil {\n" +
		"    46\t\t\t\treturn 0, fmt.Errorf(\"duration %q: %w\", text, err)\n" +
		"    47\t\t\t}\n" +
		"    48\t\t\tsum += time.Duration(n) * unit\n" +
		"    49\t\t\ttext = strings.TrimPrefix(rest, \".\")\n" +
		"    50\t\t}\n" +
		"    51\t\treturn sum, nil\n" +
		"    52\t}\n"
)

var agentTools = [...]tool{
	{"Bash", "Runs a command in the shell of the working directory and gives what it prints.", `{"type":"object","properties":{"command":{"type":"string"},"timeout":{"type":"integer","description":"milliseconds"},"description":{"type":"string","description":"what the command does, in a few words"}},"required":["command"]}`},
	{"Edit", "Replaces a text in a file. The text must stand there once.", `{"type":"object","properties":{"file_path":{"type":"string"},"old_string":{"type":"string"},"new_string":{"type":"string"}},"required":["file_path","old_string","new_string"]}`},
	{"Grep", "Looks for a regular expression in files.", `{"type":"object","properties":{"pattern":{"type":"string"},"path":{"type":"string"},"glob":{"type":"string"}},"required":["pattern"]}`},
	{"Read", "Reads a file, or lines of it.", `{"type":"object","properties":{"file_path":{"type":"string"},"offset":{"type":"integer"},"limit":{"type":"integer"}},"required":["file_path"]}`},
	{"Write", "Writes a file, in place of what was there.", `{"type":"object","properties":{"file_path":{"type":"string"},"content":{"type":"string"}},"required":["file_path","content"]}`},
}
