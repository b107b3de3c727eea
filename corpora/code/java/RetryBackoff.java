import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls an operation again after a failure, and waits twice as long each time. */
public final class RetryBackoff {
    private static final long BASE_DELAY_MS = 10;
    private static final long MAX_DELAY_MS = 2_000;
    private static final int MAX_ATTEMPTS = 5;

    static <T> T retry(Callable<T> operation) throws Exception {
        long delay = BASE_DELAY_MS;
        for (int attempt = 1; ; attempt++) {
            try {
                return operation.call();
            } catch (IOException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
                System.out.printf("attempt %d failed: %s; waiting %d ms%n", attempt, e.getMessage(), delay);
                Thread.sleep(delay);
                delay = Math.min(delay * 2, MAX_DELAY_MS);
            }
        }
    }

    static Callable<String> flakyServer(int failures) {
        AtomicInteger remaining = new AtomicInteger(failures);
        return () -> {
            if (remaining.getAndDecrement() > 0) throw new IOException("connection reset");
            return "200 OK – merhaba!";
        };
    }

    public static void main(String[] args) throws Exception {
        System.out.println(retry(flakyServer(2)));
    }
}
