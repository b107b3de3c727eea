//! A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.

use std::{collections::BTreeMap, fmt};

#[derive(Clone, Copy)]
struct Cents(u64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} €", self.0 / 100, self.0 % 100)
    }
}

#[derive(Default)]
struct Ledger(BTreeMap<String, u64>);

impl Ledger {
    fn deposit(&mut self, owner: &str, cents: u64) {
        *self.0.entry(owner.to_string()).or_insert(0) += cents;
    }

    /// Moves money, or changes nothing when the payer has too little of it.
    fn transfer(&mut self, payer: &str, payee: &str, cents: u64) -> Result<(), String> {
        let available = self.0.get(payer).copied().unwrap_or(0);
        let rest = available.checked_sub(cents).ok_or(format!("{payer} has only {}", Cents(available)))?;
        self.0.insert(payer.to_string(), rest);
        self.deposit(payee, cents);
        Ok(())
    }
}

fn main() -> Result<(), String> {
    let mut ledger = Ledger::default();
    ledger.deposit("Zoë", 250_00);
    ledger.deposit("Ömer", 75_50);
    ledger.transfer("Zoë", "Ömer", 40_25)?;
    ledger.transfer("Ömer", "Zoë", 500_00).unwrap_or_else(|error| println!("refused: {error}"));
    ledger.0.iter().for_each(|(owner, &cents)| println!("{owner}: {}", Cents(cents)));
    Ok(())
}
