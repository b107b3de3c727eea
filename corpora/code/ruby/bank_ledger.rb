# frozen_string_literal: true

# A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.
class Ledger
  class InsufficientFunds < StandardError; end

  attr_reader :balances

  def initialize
    @balances = Hash.new(0)
  end

  def deposit(owner, cents)
    raise ArgumentError, "a deposit must be positive, not #{cents}" unless cents.positive?

    @balances[owner] += cents
  end

  def transfer(from:, to:, cents:)
    available = @balances[from]
    raise InsufficientFunds, "#{from} has only #{euros(available)}" if cents > available

    @balances[from] -= cents
    deposit(to, cents)
  end
end

def euros(cents) = format('%d.%02d €', *cents.divmod(100))

ledger = Ledger.new
ledger.deposit('Zoë', 250_00)
ledger.deposit('Ömer', 75_50)
ledger.transfer(from: 'Zoë', to: 'Ömer', cents: 40_25)
begin
  ledger.transfer(from: 'Ömer', to: 'Zoë', cents: 500_00)
rescue Ledger::InsufficientFunds => e
  puts "refused: #{e.message}"
end
ledger.balances.sort.each { |owner, cents| puts "#{owner}: #{euros(cents)}" }
