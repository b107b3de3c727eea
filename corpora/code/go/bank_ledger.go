// A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.
package main

import "fmt"

type Cents int64

func (c Cents) String() string { return fmt.Sprintf("%d.%02d €", c/100, c%100) }

type Ledger map[string]Cents

// Transfer moves money, or changes nothing when the payer has too little of it.
func (l Ledger) Transfer(payer, payee string, amount Cents) error {
	if amount <= 0 {
		return fmt.Errorf("a transfer must be positive, not %v", amount)
	}
	if l[payer] < amount {
		return fmt.Errorf("%s has only %v", payer, l[payer])
	}
	l[payer] -= amount
	l[payee] += amount
	return nil
}

func main() {
	ledger := Ledger{"Zoë": 250_00, "Ömer": 75_50}
	if err := ledger.Transfer("Zoë", "Ömer", 40_25); err != nil {
		panic(err)
	}
	if err := ledger.Transfer("Ömer", "Zoë", 500_00); err != nil {
		fmt.Println("refused:", err)
	}
	for _, owner := range []string{"Zoë", "Ömer"} { // a map has no order of its own
		fmt.Printf("%s: %v\n", owner, ledger[owner])
	}
}
