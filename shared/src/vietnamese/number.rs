/// A whole number with points between the thousands: 1.250.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    if number < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A size people can read: 1,2 MB.
pub fn bytes(size: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in UNITS {
        if size >= unit {
            let tenths = size * 10 / unit;
            return match (tenths / 10, tenths % 10) {
                (whole, 0) => format!("{whole} {name}"),
                (whole, tenth) => format!("{whole},{tenth} {name}"),
            };
        }
    }
    format!("{size} byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_the_vietnamese_way() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_250, "1.250"),
            (221_857, "221.857"),
            (-1_770_154, "-1.770.154"),
        ] {
            assert_eq!(grouped(number), text);
        }
        for (size, text) in [
            (12, "12 byte"),
            (1_250, "1,2 kB"),
            (2_000_000, "2 MB"),
            (3_450_000_000, "3,4 GB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }
}
