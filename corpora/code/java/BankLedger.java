import java.util.Map;
import java.util.TreeMap;

/** A small bank ledger: amounts are whole cents, so that nothing is lost to rounding. */
public final class BankLedger {
    private final Map<String, Long> balances = new TreeMap<>();

    public void deposit(String owner, long cents) {
        if (cents <= 0) {
            throw new IllegalArgumentException("a deposit must be positive, not " + cents);
        }
        balances.merge(owner, cents, Long::sum);
    }

    public void transfer(String payer, String payee, long cents) {
        long available = balances.getOrDefault(payer, 0L);
        if (cents > available) {
            throw new IllegalStateException(payer + " has only " + formatEuros(available));
        }
        balances.put(payer, available - cents);
        deposit(payee, cents);
    }

    static String formatEuros(long cents) {
        return String.format("%d.%02d €", cents / 100, cents % 100);
    }

    public static void main(String[] args) {
        BankLedger ledger = new BankLedger();
        ledger.deposit("Zoë", 250_00);
        ledger.deposit("Ömer", 75_50);
        ledger.transfer("Zoë", "Ömer", 40_25);
        try {
            ledger.transfer("Ömer", "Zoë", 500_00);
        } catch (IllegalStateException e) {
            System.out.println("refused: " + e.getMessage());
        }
        ledger.balances.forEach((owner, cents) -> System.out.println(owner + ": " + formatEuros(cents)));
    }
}
