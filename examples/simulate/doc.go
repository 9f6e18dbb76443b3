// Package simulate is a host that decides by simulation: it has a few accounts
// with providers ([Channels]), knows from its logs how they behave and what its
// agents ask ([Providers], [Traffic]), and wants to know which balancer serves
// them best and what that costs, before anybody is billed for it.
//
// Its test plays an hour for each balancer, with the same traffic and the same
// trouble, and holds what must not get worse, and why the choice was made:
//
//	go test -v ./examples/simulate
package simulate
