package router

import (
	"errors"
	"fmt"
	"time"
)

// A TimeOfDay is a part of every day: from From on, until To. When From is
// later than To, it goes over midnight.
type TimeOfDay struct {
	From string `json:"from"` // such as 22:00
	To   string `json:"to"`   // such as 06:30; 24:00 is the end of the day
	// Zone is a name such as Asia/Shanghai; "" is the zone of [Request.Time],
	// which is that of the machine.
	Zone string `json:"zone,omitempty"`
}

var errClock = errors.New("must be a time of day such as 09:30, from 00:00 to 24:00")

// A timeCheck holds at some minutes of the day.
type timeCheck struct {
	from, to int // minutes since midnight
	zone     *time.Location
	said     TimeOfDay
}

func newTimeCheck(t *TimeOfDay, fail func(string, error)) check {
	c := timeCheck{said: *t}
	var err error
	if c.from, err = minutes(t.From); err != nil {
		fail("TimeOfDay.From", err)
	}
	if c.to, err = minutes(t.To); err != nil {
		fail("TimeOfDay.To", err)
	}
	if t.Zone != "" {
		if c.zone, err = time.LoadLocation(t.Zone); err != nil {
			fail("TimeOfDay.Zone", fmt.Errorf("must be the name of a time zone, such as Europe/Berlin: %w", err))
		}
	}
	return c
}

func minutes(clock string) (int, error) {
	if len(clock) != len("00:00") || clock[2] != ':' {
		return 0, errClock
	}
	digit := func(i int) int {
		if clock[i]-'0' > 9 {
			return 100
		}
		return int(clock[i] - '0')
	}
	h, m := 10*digit(0)+digit(1), 10*digit(3)+digit(4)
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return 0, errClock
	}
	return 60*h + m, nil
}

func (c timeCheck) holds(r *Request) bool {
	now := r.when()
	if c.zone != nil {
		now = now.In(c.zone)
	}
	return c.has(60*now.Hour() + now.Minute())
}

func (c timeCheck) has(minute int) bool {
	if c.from <= c.to {
		return minute >= c.from && minute < c.to
	}
	return minute >= c.from || minute < c.to
}

func (c timeCheck) why(r *Request) string {
	now := r.when()
	if c.zone != nil {
		now = now.In(c.zone)
	}
	zone := ""
	if c.said.Zone != "" {
		zone = " in " + c.said.Zone
	}
	return fmt.Sprintf("it is %s, not from %s to %s%s", now.Format("15:04"), c.said.From, c.said.To, zone)
}

func (c timeCheck) impliedBy(other check) bool {
	if c.from == 0 && c.to == 24*60 {
		return true
	}
	o, ok := other.(timeCheck)
	if !ok || o.said.Zone != c.said.Zone {
		return false
	}
	for minute := range 24 * 60 {
		if o.has(minute) && !c.has(minute) {
			return false
		}
	}
	return true
}

// never reports that the time never comes.
func (c timeCheck) never() bool { return c.from == c.to || c.from == 24*60 && c.to == 0 }
