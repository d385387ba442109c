//! The recovery key: what opens a site's backups, and is kept on paper by its unit.

use crate::log::Digest;
use anyhow::Context;
use std::fmt;
use std::str::FromStr;

/// Signs that are not taken for one another.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random signs: five bits each, 140 in all.
const RANDOM: usize = 28;
/// Signs that tell a typing mistake: one in a million goes unnoticed.
const CHECK: usize = 4;
/// Signs of a group.
const GROUP: usize = 4;

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
        let mut random = [0; RANDOM];
        getrandom::fill(&mut random).context("hệ điều hành không cấp được số ngẫu nhiên")?;
        let signs = random
            .iter()
            .map(|byte| char::from(SIGNS[usize::from(byte % 32)]));
        Ok(Self::of(&signs.collect::<String>()))
    }

    fn of(random: &str) -> Self {
        let signs = format!("{random}{}", check_signs(random));
        let groups: Vec<&str> = (0..signs.len() / GROUP)
            .map(|group| &signs[group * GROUP..(group + 1) * GROUP])
            .collect();
        Self(groups.join("-"))
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

/// The signs that follow from `random`.
fn check_signs(random: &str) -> String {
    let digest = Digest::of(format!("lien-cong/recovery-key/v1\n{random}"));
    let bytes = digest.as_bytes();
    let bits = u32::from(bytes[0]) << 16 | u32::from(bytes[1]) << 8 | u32::from(bytes[2]);
    (0..CHECK)
        .map(|place| char::from(SIGNS[(bits >> (19 - 5 * place)) as usize & 31]))
        .collect()
}

impl FromStr for RecoveryKey {
    type Err = RecoveryKeyError;

    /// Reads a key however it was typed: small letters, spaces, an O for a zero.
    fn from_str(text: &str) -> Result<Self, RecoveryKeyError> {
        let mut signs = String::new();
        for sign in text.chars() {
            let sign = match sign.to_ascii_uppercase() {
                '-' | '–' | ' ' | '\t' | '\r' | '\n' | '.' => continue,
                'O' => '0',
                'I' | 'L' => '1',
                sign => sign,
            };
            if !sign.is_ascii() || !SIGNS.contains(&(sign as u8)) {
                return Err(RecoveryKeyError::Sign(sign));
            }
            signs.push(sign);
        }
        if signs.len() != RANDOM + CHECK {
            return Err(RecoveryKeyError::Length(signs.len()));
        }
        let key = Self::of(&signs[..RANDOM]);
        if signs.ends_with(&check_signs(&signs[..RANDOM])) {
            Ok(key)
        } else {
            Err(RecoveryKeyError::Check)
        }
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
