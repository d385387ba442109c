//! The recovery key: what opens a site's backups, and is kept on paper by its unit.

use crate::written_code::{Misread, Shape};
use std::fmt;
use std::str::FromStr;

/// 140 random bits; one typing mistake in a million goes unnoticed.
const SHAPE: Shape = Shape {
    purpose: "recovery-key",
    random: 28,
    check: 4,
};

/// The key that a site's backups are encrypted with. It is made on the site's own machine, printed
/// once, and never sent anywhere: who keeps the backups cannot read them.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryKey(String);

/// Why a text is no recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryKeyError {
    /// Too short or too long.
    #[error("khóa khôi phục gồm 32 ký tự, chia thành 8 nhóm; vừa nhập {0} ký tự")]
    Length(usize),
    /// A sign that occurs in no key.
    #[error("ký tự \"{0}\" không có trong khóa khôi phục nào")]
    Sign(char),
    /// The check signs do not fit the others.
    #[error("khóa khôi phục bị gõ sai ở đâu đó: nhóm cuối không khớp với các nhóm trước")]
    Check,
}

impl RecoveryKey {
    /// A new key from the operating system's randomness.
    pub fn generate() -> anyhow::Result<Self> {
        SHAPE.generate().map(Self)
    }

    /// As printed, and as restic is given it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands on the paper.
    pub fn paper(&self, site: &str) -> String {
        let (first, second) = self.0.split_at(self.0.len() / 2);
        format!(
            "┌──────────────────────────────────────────────────────────────┐\n\
             │ KHÓA KHÔI PHỤC                                               │\n\
             │ {site:<60.60} │\n\
             │                                                              │\n\
             │     {first:<57}│\n\
             │     {second:<57}│\n\
             │                                                              │\n\
             │ Ai có khóa này và bản sao lưu thì dựng lại được cả trang;    │\n\
             │ mất khóa này thì không ai mở được bản sao lưu, kể cả tỉnh.   │\n\
             │ Hãy in hoặc chép ra giấy, niêm phong, cất ở nơi khác với     │\n\
             │ máy chủ: két của văn phòng, và một bản do thủ trưởng giữ.    │\n\
             │ Không chụp ảnh, không gửi qua mạng, không đưa cho tỉnh.      │\n\
             └──────────────────────────────────────────────────────────────┘\n",
            second = second.trim_start_matches('-'),
            first = first.trim_end_matches('-'),
        )
    }
}

impl FromStr for RecoveryKey {
    type Err = RecoveryKeyError;

    /// Reads a key however it was typed: small letters, spaces, an O for a zero.
    fn from_str(text: &str) -> Result<Self, RecoveryKeyError> {
        SHAPE.read(text).map(Self).map_err(|misread| match misread {
            Misread::Length(signs) => RecoveryKeyError::Length(signs),
            Misread::Sign(sign) => RecoveryKeyError::Sign(sign),
            Misread::Check => RecoveryKeyError::Check,
        })
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_however_it_was_typed_and_mistakes_are_named() {
        let key = RecoveryKey::generate().expect("randomness");
        assert_eq!(key.as_str().len(), 32 + 7);
        let typed = key.as_str().to_lowercase().replace('-', " ");
        assert_eq!(typed.parse(), Ok(key.clone()));
        let typed = key.as_str().replace('0', "o").replace('1', "l");
        assert_eq!(typed.parse(), Ok(key.clone()));

        let mut wrong: Vec<char> = key.as_str().chars().collect();
        wrong[2] = if wrong[2] == '7' { '8' } else { '7' };
        let wrong: String = wrong.into_iter().collect();
        assert_eq!(wrong.parse::<RecoveryKey>(), Err(RecoveryKeyError::Check));
        let short = &key.as_str()[..30];
        assert!(matches!(
            short.parse::<RecoveryKey>(),
            Err(RecoveryKeyError::Length(_))
        ));
        assert_eq!(
            "đây là khóa".parse::<RecoveryKey>(),
            Err(RecoveryKeyError::Sign('đ'))
        );
        assert!(!format!("{key:?}").contains(&key.as_str()[..4]));
        assert!(key.paper("xã Kon Braih").contains(&key.as_str()[..19]));
    }
}
