// Call an operation again after a failure, and wait twice as long each time.

interface RetryOptions {
  baseDelayMs: number;
  maxDelayMs: number;
  maxAttempts: number;
}

const DEFAULTS: RetryOptions = { baseDelayMs: 10, maxDelayMs: 2_000, maxAttempts: 5 };

class TransientError extends Error {}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function retry<T>(operation: () => Promise<T>, options: Partial<RetryOptions> = {}): Promise<T> {
  const { baseDelayMs, maxDelayMs, maxAttempts } = { ...DEFAULTS, ...options };
  for (let attempt = 1, delay = baseDelayMs; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof TransientError) || attempt === maxAttempts) throw error;
      console.log(`attempt ${attempt} failed: ${error.message}; waiting ${delay} ms`);
      await sleep(delay);
      delay = Math.min(2 * delay, maxDelayMs);
    }
  }
}

function flakyServer(failures: number): () => Promise<string> {
  return async () => {
    if (failures-- > 0) throw new TransientError("connection reset");
    return "200 OK – merhaba!";
  };
}

void retry(flakyServer(2), { maxAttempts: 3 }).then((answer) => console.log(answer));
