//! Points in hundredths: never a fraction that a machine rounds by itself.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Hundredths of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(pub i64);

impl Points {
    /// A hundred of them.
    pub const FULL: Self = Self(10_000);

    /// Points as people type them: `7,5`, `7.25`.
    pub fn typed(text: &str) -> Option<Self> {
        serde_json::from_str(&text.trim().replace(',', ".")).ok()
    }

    /// `12,50`.
    pub fn shown(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let all = self.0.unsigned_abs();
        format!("{sign}{},{:02}", all / 100, all % 100)
    }

    /// This many times `number / of`, to the nearest hundredth, halves away from zero.
    pub fn share(self, number: i128, of: i128) -> Self {
        if of <= 0 {
            return Self(0);
        }
        // Twice, so that a half is a whole number.
        let twice = 2 * i128::from(self.0) * number;
        let rounded = twice.signum() * ((twice.abs() + of) / (2 * of));
        Self(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

impl std::ops::Add for Points {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Points {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self(0), |sum, one| sum + one)
    }
}

impl<'de> Deserialize<'de> for Points {
    /// A number with at most two places: `12`, `0.25`.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let number = f64::deserialize(from)?;
        let hundredths = number * 100.0;
        let whole = hundredths.round();
        if !(0.0..=1_000_000.0).contains(&whole) || (hundredths - whole).abs() > 1e-6 {
            return Err(D::Error::custom(
                "điểm phải là số từ 0, nhiều nhất hai chữ số thập phân",
            ));
        }
        Ok(Self(whole as i64))
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.0 as f64 / 100.0).serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_the_nearest_hundredth() {
        for (points, number, of, expected) in [
            (1000, 1, 2, 500),
            (1000, 1, 3, 333),
            (1000, 2, 3, 667),
            (1, 1, 2, 1),
            (1, 49, 100, 0),
            (1000, 0, 7, 0),
            (1000, 7, 7, 1000),
            (1000, 1, 0, 0),
            (725, 1, 2, 363),
        ] {
            assert_eq!(
                Points(points).share(number, of),
                Points(expected),
                "{points} {number}/{of}"
            );
        }
    }

    #[test]
    fn points_are_shown_and_read_with_two_places() {
        assert_eq!(Points::typed(" 7,5 "), Some(Points(750)));
        assert_eq!(Points::typed("7.25"), Some(Points(725)));
        assert_eq!(Points::typed("bảy"), None);
        assert_eq!(Points(1250).shown(), "12,50");
        assert_eq!(Points(-5).shown(), "-0,05");
        let read = |text: &str| serde_json::from_str::<Points>(text).map_err(|_| ());
        assert_eq!(read("12"), Ok(Points(1200)));
        assert_eq!(read("0.25"), Ok(Points(25)));
        assert_eq!(read("0.125"), Err(()));
        assert_eq!(read("-1"), Err(()));
    }
}
