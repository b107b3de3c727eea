-- | Print a table of temperatures in degrees Celsius and Fahrenheit.
module TemperatureTable (main) where

import Text.Printf (printf)

newtype Celsius = Celsius Double
  deriving (Eq, Ord)

toFahrenheit :: Celsius -> Double
toFahrenheit (Celsius degrees) = degrees * 9 / 5 + 32

freezing, hot :: Celsius
freezing = Celsius 0
hot = Celsius 30

describe :: Celsius -> String
describe temperature
  | temperature <= freezing = "freezing"
  | temperature >= hot = "hot"
  | otherwise = "mild"

printRow :: Int -> IO ()
printRow degrees = printf "%6d %8.1f  %s\n" degrees (toFahrenheit celsius) (describe celsius)
  where
    celsius = Celsius (fromIntegral degrees)

main :: IO ()
main = do
  printf "%6s %8s  remark\n" "°C" "°F"
  mapM_ printRow [-10, 0 .. 40]
