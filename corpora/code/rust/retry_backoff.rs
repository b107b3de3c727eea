//! Call an operation again after a failure, and wait twice as long each time.

use std::thread;
use std::time::Duration;

const BASE_DELAY: Duration = Duration::from_millis(10);
const MAX_DELAY: Duration = Duration::from_secs(2);
const MAX_ATTEMPTS: u32 = 5;

#[derive(Debug)]
enum FetchError {
    ConnectionReset,
}

fn retry<T>(mut operation: impl FnMut() -> Result<T, FetchError>) -> Result<T, FetchError> {
    let mut delay = BASE_DELAY;
    for attempt in 1..MAX_ATTEMPTS {
        match operation() {
            Ok(answer) => return Ok(answer),
            Err(FetchError::ConnectionReset) => {
                let pause = delay.as_millis();
                println!("attempt {attempt} failed: connection reset; waiting {pause} ms");
            }
        }
        thread::sleep(delay);
        delay = MAX_DELAY.min(delay * 2);
    }
    operation() // the last attempt: its error is the caller's
}

fn main() -> Result<(), FetchError> {
    let mut failures = 0..2;
    let flaky_server = || match failures.next() {
        Some(_) => Err(FetchError::ConnectionReset),
        None => Ok("200 OK – merhaba!"),
    };
    println!("{}", retry(flaky_server)?);
    Ok(())
}
