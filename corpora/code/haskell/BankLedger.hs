-- | A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.
module BankLedger (main) where

import qualified Data.Map.Strict as Map
import Text.Printf (printf)

type Owner = String
type Ledger = Map.Map Owner Int

data Refusal
  = NotPositive Int
  | InsufficientFunds Owner Int

instance Show Refusal where
  show (NotPositive cents) = "a transfer must be positive, not " ++ euros cents
  show (InsufficientFunds owner available) = owner ++ " has only " ++ euros available

euros :: Int -> String
euros cents = printf "%d.%02d €" (cents `div` 100) (cents `mod` 100)

transfer :: Owner -> Owner -> Int -> Ledger -> Either Refusal Ledger
transfer payer payee cents ledger
  | cents <= 0 = Left (NotPositive cents)
  | cents > available = Left (InsufficientFunds payer available)
  | otherwise = Right (Map.insertWith (+) payee cents (Map.insert payer (available - cents) ledger))
  where
    available = Map.findWithDefault 0 payer ledger

main :: IO ()
main = do
  let opening = Map.fromList [("Zoë", 25000), ("Ömer", 7550)]
      ledger = either (const opening) id (transfer "Zoë" "Ömer" 4025 opening)
  case transfer "Ömer" "Zoë" 50000 ledger of
    Left refusal -> putStrLn ("refused: " ++ show refusal)
    Right _ -> putStrLn "done"
  mapM_ (\(owner, cents) -> putStrLn (owner ++ ": " ++ euros cents)) (Map.toAscList ledger)
