//! Passwords: which are taken, and how they are kept and compared.
//!
//! Argon2id, two at a time and off the async threads, so that a rush of guesses costs memory and time
//! that the pages do not miss. A name nobody has takes as long as one somebody has.

use crate::error::Result;
use crate::problem::{Problem, ProblemKind};
use crate::vietnamese::{fold, nfc};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Shortest password, in characters.
pub const SHORTEST: usize = 12;
/// Longest password, in characters: long enough for any sentence, too short to burden the hash.
pub const LONGEST: usize = 256;
/// So many characters must be left of a password without the words everybody thinks of.
const LEAST_OWN: usize = 6;
/// So many different characters a password must have.
const LEAST_DIFFERENT: usize = 5;
/// Hashes computed at once: each takes [`MEMORY_KIB`].
const AT_ONCE: usize = 2;
/// Memory of one hash.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Longest wait for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// What a password is compared with where there is no account.
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    hasher()
        .hash_password(b"khong ai co mat khau nay")
        .map(|hash| hash.to_string())
        .unwrap_or_default()
});

/// What is wrong with `password` as the new password of a person or site called `names`; `None` if it
/// is taken.
pub fn weakness(password: &str, names: &[&str]) -> Option<&'static str> {
    let password = nfc(password);
    let length = password.chars().count();
    if length < SHORTEST {
        return Some("Mật khẩu cần ít nhất 12 ký tự. Một câu dễ nhớ là tốt nhất.");
    }
    if length > LONGEST {
        return Some("Mật khẩu dài tối đa 256 ký tự.");
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT {
        return Some("Mật khẩu lặp lại quá ít ký tự. Hãy chọn một câu dễ nhớ.");
    }
    let words = words_of(names);
    let is_own = |text: &str| own_characters(text, &words) >= LEAST_OWN;
    let folded = letters_and_digits(&password);
    if is_own(&folded) && is_own(&unleet(&folded)) {
        None
    } else {
        Some("Mật khẩu này dễ đoán (từ thông dụng, dãy số hoặc tên đơn vị). Hãy chọn một câu khác.")
    }
}

/// The hash to keep of `password`.
pub async fn hash(password: &str) -> Result<String> {
    let password = nfc(password);
    let turn = turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, not with whoever waits for it.
        let _turn = turn;
        hasher()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    })
    .await
    .map_err(anyhow::Error::new)?;
    hashed.map_err(|error| anyhow::anyhow!("argon2: {error}").into())
}

/// Whether `password` is the one kept as `kept`; takes its time where there is none.
pub async fn is_right(password: &str, kept: Option<&str>) -> Result<bool> {
    // Nothing longer was ever taken, and hashing it is no visitor's to ask for.
    let password: String = nfc(password).chars().take(LONGEST + 1).collect();
    let kept = kept.map(str::to_owned);
    let turn = turn().await?;
    let matches = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let is_somebodys = kept.is_some();
        let kept = kept.unwrap_or_else(|| NOBODYS.clone());
        let matches = hasher()
            .verify_password(password.as_bytes(), kept.as_str())
            .is_ok();
        matches && is_somebodys
    })
    .await
    .map_err(anyhow::Error::new)?;
    Ok(matches)
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

async fn turn() -> Result<OwnedSemaphorePermit> {
    match tokio::time::timeout(PATIENCE, Arc::clone(&TURNS).acquire_owned()).await {
        Ok(turn) => Ok(turn.map_err(anyhow::Error::new)?),
        Err(_) => Err(Problem::new(ProblemKind::Unavailable)
            .retry_after(PATIENCE)
            .into()),
    }
}

/// What is left of `text` once the words everybody thinks of are taken out, counted.
fn own_characters(text: &str, names: &[String]) -> usize {
    // A gap stays where a word was, so that its neighbours do not make a new one.
    const GAP: &str = " ";
    let mut left = text.to_owned();
    for word in names
        .iter()
        .map(String::as_str)
        .chain(COMMON.iter().copied())
    {
        left = left.replace(word, GAP);
    }
    left.chars().filter(|c| *c != ' ').count()
}

/// The words of `names`, each alone and all in a row, longest first.
fn words_of(names: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = names
        .iter()
        .flat_map(|name| {
            let alone = name.split_whitespace().map(letters_and_digits);
            alone.chain(std::iter::once(letters_and_digits(name)))
        })
        .filter(|word| word.len() >= 3)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

static COMMON: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut words: Vec<_> = include_str!("weak_words.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
});

fn letters_and_digits(text: &str) -> String {
    fold(text)
        .chars()
        .map(|c| match c {
            '@' => 'a',
            '$' => 's',
            '!' => 'i',
            other => other,
        })
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// "m4tkh4u" is "matkhau" to everybody who guesses.
fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["y.thu", "Y Thử", "xã Kon Braih"];

    #[test]
    fn what_anyone_would_guess_is_not_taken() {
        let weak = [
            "ngan",
            "11 ky tu !!",
            "aaaaaaaaaaaaaaaa",
            "123456789012",
            "matkhau123456",
            "M@tKh4u@2026",
            "Mật khẩu 2025!",
            "password1234",
            "P@ssw0rd12345",
            "konbraih2026",
            "Kon Braih @2026",
            "qwertyuiop123",
            "quangngai2025",
            "Admin@123456",
            "ubndxakonbraih",
        ];
        for password in weak {
            assert!(weakness(password, &NAMES).is_some(), "{password}");
        }
        assert!(weakness(&"đường".repeat(60), &NAMES).is_some());
    }

    #[test]
    fn a_sentence_of_ones_own_is_taken() {
        let strong = [
            "trâu trắng ăn lá khoai",
            "Bếp lửa nhà rông thơm khói",
            "correct horse battery staple",
            "w8Kx!pQz2mVt",
            "839157240618",
        ];
        for password in strong {
            assert_eq!(weakness(password, &NAMES), None, "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_known_again_however_its_letters_are_composed() {
        let kept = hash("Bếp lửa nhà rông").await.expect("hashes");
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        let decomposed = "Be\u{302}\u{301}p lu\u{31b}\u{309}a nha\u{300} ro\u{302}ng";
        assert!(is_right(decomposed, Some(&kept)).await.expect("compares"));
        assert!(!is_right("Bếp lửa", Some(&kept)).await.expect("compares"));
    }

    #[tokio::test]
    async fn nobodys_password_is_never_right_and_is_compared_all_the_same() {
        assert!(
            !is_right("khong ai co mat khau nay", None)
                .await
                .expect("compares")
        );
        assert!(
            NOBODYS.starts_with("$argon2id$"),
            "a real hash is compared with"
        );
    }
}
