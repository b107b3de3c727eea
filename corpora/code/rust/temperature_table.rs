//! Print a table of temperatures in degrees Celsius and Fahrenheit.

const FREEZING: i32 = 0;
const HOT: i32 = 30;

fn to_fahrenheit(celsius: f64) -> f64 {
    celsius * 9.0 / 5.0 + 32.0
}

fn describe(celsius: i32) -> &'static str {
    match celsius {
        i32::MIN..=FREEZING => "freezing",
        HOT.. => "hot",
        _ => "mild",
    }
}

fn print_table(range: std::ops::RangeInclusive<i32>, step: usize) {
    println!("{:>6} {:>8}  remark", "°C", "°F");
    for celsius in range.step_by(step) {
        let fahrenheit = to_fahrenheit(f64::from(celsius));
        println!("{celsius:>6} {fahrenheit:>8.1}  {}", describe(celsius));
    }
}

fn main() {
    print_table(-10..=40, 10);
}
