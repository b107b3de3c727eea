-- | Call an operation again after a failure, and wait twice as long each time.
module RetryBackoff (main) where

import Control.Concurrent (threadDelay)
import Control.Exception (Exception, throwIO, try)
import Data.IORef (IORef, newIORef, readIORef, writeIORef)
import Text.Printf (printf)

newtype TransientError = TransientError String

instance Show TransientError where
  show (TransientError message) = message

instance Exception TransientError

baseDelay, maxDelay, maxAttempts :: Int
baseDelay = 10 -- milliseconds
maxDelay = 2000
maxAttempts = 5

retry :: IO a -> IO a
retry operation = go 1 baseDelay
  where
    go attempt delay = try operation >>= either (again attempt delay) pure
    again attempt delay failure
      | attempt == maxAttempts = throwIO (failure :: TransientError)
      | otherwise = do
          printf "attempt %d failed: %s; waiting %d ms\n" attempt (show failure) delay
          threadDelay (1000 * delay)
          go (attempt + 1) (min maxDelay (2 * delay))

flakyServer :: IORef Int -> IO String
flakyServer failures = do
  left <- readIORef failures
  writeIORef failures (left - 1)
  if left > 0 then throwIO (TransientError "connection reset") else pure "200 OK – merhaba!"

main :: IO ()
main = newIORef 2 >>= retry . flakyServer >>= putStrLn
