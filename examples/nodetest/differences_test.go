package nodetest

// A difference is a recording that an SDK reads otherwise through Routex than
// in the provider's own protocol, and why that is right.
type difference struct {
	recording string // the beginning of its name
	sdk       string // those concerned; "" for all
	why       string
}

func differences() []difference {
	return nil
}
