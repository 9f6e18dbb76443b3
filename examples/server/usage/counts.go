package usage

import "github.com/dctx-team/routex"

// Counts are what came of a number of calls. The zero value is that of none.
type Counts struct {
	// ChannelName is that of the channel at the time of the last call.
	ChannelName string

	Requests, Failed int64

	// Tokens, as far as they are known or estimated.
	Input, Output, CacheRead, CacheWrite, Reasoning int64

	// Cost is that of the Priced calls; of the others it is not known.
	Cost   float64
	Priced int64

	Latency    Histogram // of all calls, until all was over
	FirstToken Histogram // until the answer was handed over, of those that got one
}

// Add counts a call that is over.
func (c *Counts) Add(d *routex.Decision) {
	c.ChannelName = d.Channel
	c.Requests++
	if d.Class != "" {
		c.Failed++
	}
	u := &d.Usage
	c.Input += u.Input
	c.Output += u.Output
	c.CacheRead += u.CacheRead
	c.CacheWrite += u.CacheWrite
	c.Reasoning += u.Reasoning
	if d.Cost != nil {
		c.Cost += *d.Cost
		c.Priced++
	}
	c.Latency.Add(d.Duration)
	if d.Class == "" && d.FirstByte > 0 {
		c.FirstToken.Add(d.FirstByte)
	}
}

// Merge adds what was counted of later calls.
func (c *Counts) Merge(o *Counts) {
	c.ChannelName = o.ChannelName
	c.Requests += o.Requests
	c.Failed += o.Failed
	c.Input += o.Input
	c.Output += o.Output
	c.CacheRead += o.CacheRead
	c.CacheWrite += o.CacheWrite
	c.Reasoning += o.Reasoning
	c.Cost += o.Cost
	c.Priced += o.Priced
	c.Latency.Merge(&o.Latency)
	c.FirstToken.Merge(&o.FirstToken)
}
