//! The codes of the citizen desk: the receipt somebody is given, and the code that opens tips at the
//! office they are for. What a code opens is not kept anywhere: keys follow from the code.

use super::sealed::KeyPair;
use crate::log::Digest;
use crate::written_code::{Misread, Shape};
use std::fmt;

/// A receipt: 90 random bits, which nobody guesses through a page that is limited, nor from its digest.
const RECEIPT: Shape = Shape {
    purpose: "receipt",
    random: 18,
    check: 2,
};
/// What opens the tips of an office: 140 random bits.
const OFFICE: Shape = Shape {
    purpose: "tip-office",
    random: 28,
    check: 4,
};

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too short or too long.
    #[error("mã gồm {expected} ký tự; vừa nhập {typed} ký tự")]
    Length {
        /// Signs of such a code.
        expected: usize,
        /// Signs that were typed.
        typed: usize,
    },
    /// A sign that occurs in no code.
    #[error("ký tự “{0}” không có trong mã nào; mã chỉ gồm chữ cái không dấu và chữ số")]
    Sign(char),
    /// The check signs do not fit the others.
    #[error("mã bị gõ sai ở đâu đó, xin so lại từng nhóm")]
    Check,
}

impl CodeError {
    fn of(shape: Shape, misread: Misread) -> Self {
        match misread {
            Misread::Length(typed) => Self::Length {
                expected: shape.length(),
                typed,
            },
            Misread::Sign(sign) => Self::Sign(sign),
            Misread::Check => Self::Check,
        }
    }
}

/// What somebody is given who asked, and asks again with.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// A new one.
    pub fn generate() -> anyhow::Result<Self> {
        RECEIPT.generate().map(Self)
    }

    /// Reads one however it was typed.
    pub fn read(typed: &str) -> Result<Self, CodeError> {
        RECEIPT
            .read(typed)
            .map(Self)
            .map_err(|misread| CodeError::of(RECEIPT, misread))
    }

    /// As it is shown, once.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By what its case is found. The code does not follow from it.
    pub fn digest(&self) -> Digest {
        Digest::of(format!("lien-cong/receipt/lookup/v1\n{}", self.0))
    }

    /// What answers to a tip are sealed to.
    pub fn keys(&self) -> KeyPair {
        KeyPair::from_code("lien-cong/receipt/keys/v1", &self.0)
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt(…)")
    }
}

/// What opens the tips that were sealed to an office. Shown once and kept on paper, by that office.
#[derive(Clone, PartialEq, Eq)]
pub struct OfficeCode(String);

impl OfficeCode {
    /// A new one.
    pub fn generate() -> anyhow::Result<Self> {
        OFFICE.generate().map(Self)
    }

    /// Reads one however it was typed.
    pub fn read(typed: &str) -> Result<Self, CodeError> {
        OFFICE
            .read(typed)
            .map(Self)
            .map_err(|misread| CodeError::of(OFFICE, misread))
    }

    /// As it is shown, once.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys that follow from it.
    pub fn keys(&self) -> KeyPair {
        KeyPair::from_code("lien-cong/tip-office/keys/v1", &self.0)
    }
}

impl fmt::Debug for OfficeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfficeCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_always_leads_to_the_same_case_and_the_same_keys_and_no_other() {
        let code = Receipt::generate().expect("randomness");
        let typed = Receipt::read(&code.as_str().to_lowercase()).expect("reads");
        assert_eq!(typed.digest(), code.digest());
        assert_eq!(typed.keys().public(), code.keys().public());
        let other = Receipt::generate().expect("randomness");
        assert_ne!(other.digest(), code.digest());
        assert_ne!(other.keys().public(), code.keys().public());
        assert!(!format!("{code:?}").contains(code.as_str()));
    }

    #[test]
    fn what_is_no_code_says_what_to_mend() {
        let told = |typed: &str| Receipt::read(typed).expect_err("no code").to_string();
        assert_eq!(told("ABCD"), "mã gồm 20 ký tự; vừa nhập 4 ký tự");
        assert!(told("ĐĂK").contains('Đ'), "{}", told("ĐĂK"));
    }
}
