//! Codes that people read from one screen or paper and type into another.

use crate::error::Result;

/// Letters and digits that cannot be taken for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Characters of a group; five bits each.
const GROUP: usize = 5;

/// A new code of so many groups, for reading aloud.
pub(super) fn mint(groups: usize) -> Result<String> {
    let mut bytes = vec![0; groups * GROUP];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("getrandom: {error}"))?;
    // 256 is a multiple of 32, so every character is as likely as any other.
    let characters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = characters
        .chunks(GROUP)
        .map(|group| group.iter().collect())
        .collect();
    Ok(groups.join("-"))
}

/// However it was typed: hyphens, blanks and case do not count.
pub(super) fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}
