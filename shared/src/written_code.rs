//! Codes that people write down and type again: signs that are not taken for one another, in groups of
//! four, the last of which tell a typing mistake.

use crate::log::Digest;
use anyhow::Context;

/// Signs that are not taken for one another (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs of a group.
const GROUP: usize = 4;

/// What codes of one use look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What they are for: the check signs of one use never fit another.
    pub purpose: &'static str,
    /// Random signs, five bits each.
    pub random: usize,
    /// Signs that follow from those, at most four.
    pub check: usize,
}

/// Why a text is no code of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// So many signs, which are too few or too many.
    Length(usize),
    /// A sign that occurs in no code.
    Sign(char),
    /// The check signs do not fit the others.
    Check,
}

impl Shape {
    /// Signs of a whole code.
    pub const fn length(&self) -> usize {
        self.random + self.check
    }

    /// A new code from the operating system's randomness.
    pub fn generate(&self) -> anyhow::Result<String> {
        let mut random = vec![0; self.random];
        getrandom::fill(&mut random).context("hệ điều hành không cấp được số ngẫu nhiên")?;
        let signs = random
            .iter()
            .map(|byte| char::from(SIGNS[usize::from(byte % 32)]));
        Ok(self.complete(&signs.collect::<String>()))
    }

    /// Reads a code however it was typed: small letters, spaces, an O for a zero.
    pub fn read(&self, typed: &str) -> Result<String, Misread> {
        let mut signs = String::new();
        for sign in typed.chars() {
            let sign = match sign.to_ascii_uppercase() {
                '-' | '–' | ' ' | '\u{a0}' | '\t' | '\r' | '\n' | '.' => continue,
                'O' => '0',
                'I' | 'L' => '1',
                sign => sign,
            };
            if !sign.is_ascii() || !SIGNS.contains(&(sign as u8)) {
                return Err(Misread::Sign(sign));
            }
            signs.push(sign);
        }
        if signs.len() != self.length() {
            return Err(Misread::Length(signs.len()));
        }
        let random = &signs[..self.random];
        match signs.ends_with(&self.check_signs(random)) {
            true => Ok(self.complete(random)),
            false => Err(Misread::Check),
        }
    }

    fn complete(&self, random: &str) -> String {
        let signs = format!("{random}{}", self.check_signs(random));
        let groups: Vec<&str> = (0..signs.len())
            .step_by(GROUP)
            .map(|begin| &signs[begin..signs.len().min(begin + GROUP)])
            .collect();
        groups.join("-")
    }

    /// The signs that follow from `random`.
    fn check_signs(&self, random: &str) -> String {
        let digest = Digest::of(format!("lien-cong/{}/v1\n{random}", self.purpose));
        let bytes = digest.as_bytes();
        let bits = u32::from(bytes[0]) << 16 | u32::from(bytes[1]) << 8 | u32::from(bytes[2]);
        (0..self.check)
            .map(|place| char::from(SIGNS[(bits >> (19 - 5 * place)) as usize & 31]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        purpose: "test",
        random: 18,
        check: 2,
    };

    #[test]
    fn a_code_is_read_however_it_was_typed_and_mistakes_are_named() {
        let code = SHAPE.generate().expect("randomness");
        assert_eq!(code.len(), 20 + 4, "{code}");
        for typed in [
            code.to_lowercase().replace('-', " "),
            code.replace('0', "o").replace('1', "l"),
            code.replace('-', ""),
        ] {
            assert_eq!(SHAPE.read(&typed), Ok(code.clone()), "{typed}");
        }
        assert_eq!(SHAPE.read(&code[..6]), Err(Misread::Length(5)));
        assert_eq!(SHAPE.read("ABCĐ"), Err(Misread::Sign('Đ')));
        let other = Shape {
            purpose: "other",
            ..SHAPE
        };
        let strange = std::iter::repeat_with(|| SHAPE.generate().expect("randomness"))
            .take(20)
            .filter(|code| other.read(code).is_ok())
            .count();
        assert!(strange < 3, "check signs of one use do not fit another");
    }
}
