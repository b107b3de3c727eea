'use strict';

// Call an operation again after a failure, and wait twice as long each time.

const BASE_DELAY_MS = 10;
const MAX_DELAY_MS = 2000;
const MAX_ATTEMPTS = 5;

class TransientError extends Error {}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function retry(operation) {
  let delay = BASE_DELAY_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      const mayPass = error instanceof TransientError && attempt < MAX_ATTEMPTS;
      if (!mayPass) throw error;
      console.log(`attempt ${attempt} failed: ${error.message}; waiting ${delay} ms`);
      await sleep(delay);
      delay = Math.min(delay * 2, MAX_DELAY_MS);
    }
  }
}

function flakyServer(failures) {
  return async () => {
    if (failures-- > 0) throw new TransientError('connection reset');
    return '200 OK – merhaba!';
  };
}

retry(flakyServer(2)).then(console.log, (error) => {
  console.error(error);
  process.exitCode = 1;
});
