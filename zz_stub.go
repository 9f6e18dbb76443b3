package routex

func (ch *channel) window(string) int { return 0 }
