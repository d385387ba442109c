//! The token that every form of a session sends back.

use super::session;
use crate::error::{Error, Result};
use crate::problem::{Problem, ProblemKind};
use subtle::ConstantTimeEq;

/// Refuses a form that does not come from a page of this session.
pub fn check(session: &session::Model, sent: &str) -> Result<()> {
    // Two empty texts are equal, and an empty token is nobody's.
    let is_ours = !sent.is_empty() && bool::from(session.csrf.as_bytes().ct_eq(sent.as_bytes()));
    if is_ours {
        return Ok(());
    }
    Err(Error::Problem(Problem::new(ProblemKind::Forbidden).detail(
        "Biểu mẫu này thuộc một phiên làm việc khác. Xin mở lại trang rồi gửi lại.",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sessions_own_token_passes() {
        let session = |csrf: &str| session::Model {
            token_hash: Vec::new(),
            account_id: uuid::Uuid::nil(),
            csrf: csrf.to_owned(),
            created_at: 0,
            seen_at: 0,
            halfway: false,
            confirmed_at: 0,
            browser: None,
            address: None,
        };
        assert!(check(&session("abc"), "abc").is_ok());
        for wrong in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(check(&session("abc"), wrong).is_err(), "{wrong}");
        }
        assert!(check(&session(""), "").is_err());
    }
}
