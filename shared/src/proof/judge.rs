//! What a signature proves, given the key as it is known and the words as they are held. Pure: no clock,
//! no database.

use crate::directory::{KnownKey, Purpose};
use crate::log::{Digest, SignedHeader};

/// What is held of the words a header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// These canonical bytes.
    Held(Vec<u8>),
    /// Nothing: they were erased, or never were.
    Absent,
    /// Something that is certainly not what was signed.
    Altered,
}

/// Whether the signature is over these very header bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFound {
    /// It is.
    Fits,
    /// It is not: header or signature were changed, or another key signed.
    Broken,
    /// Nobody can say: the key it names is not known, or the header cannot be read.
    Unchecked,
}

/// What the key is to the site that the header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFound {
    /// Its key, never taken out of use; perhaps replaced by another since.
    Counts,
    /// Its key, taken out of use, and this was signed where it is still believed.
    StillBelieved,
    /// Its key, taken out of use, and this is not believed.
    Revoked,
    /// A key of somebody else, or one that is not for signing entries.
    NotTheirs,
    /// No key that is known.
    Unknown,
}

/// Whether the words are those the header names by their digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsFound {
    /// Every letter.
    Same,
    /// They are not.
    Changed,
    /// The header names words that are no longer there.
    Gone,
    /// The header names none, and there are none.
    NoneSigned,
}

/// What was found out, each thing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Of the signature.
    pub signature: SignatureFound,
    /// Of the key.
    pub key: KeyFound,
    /// Of the words.
    pub words: WordsFound,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The site said this, and every letter is as it was signed.
    Authentic,
    /// The site said something here; what it said is no longer held.
    WordsGone,
    /// Header or words are not what was signed.
    Changed,
    /// Signed with a key that fell into other hands.
    KeyRevoked,
    /// Nobody known signed it.
    SignerUnknown,
}

impl Findings {
    /// Of something whose header cannot even be read.
    pub const UNREADABLE: Self = Self {
        signature: SignatureFound::Unchecked,
        key: KeyFound::Unknown,
        words: WordsFound::Changed,
    };

    /// What it comes to. Changed words come first: of them nothing else is worth knowing.
    pub fn verdict(self) -> Verdict {
        match (self.signature, self.key, self.words) {
            (SignatureFound::Broken, _, _) | (_, _, WordsFound::Changed) => Verdict::Changed,
            (SignatureFound::Unchecked, _, _) | (_, KeyFound::Unknown | KeyFound::NotTheirs, _) => {
                Verdict::SignerUnknown
            }
            (_, KeyFound::Revoked, _) => Verdict::KeyRevoked,
            (_, _, WordsFound::Gone) => Verdict::WordsGone,
            (_, _, WordsFound::Same | WordsFound::NoneSigned) => Verdict::Authentic,
        }
    }
}

/// Looks at a header, the key of the name it gives as that is known, and the words that are held of it.
/// When it was signed plays no part: times are written by whoever signs.
pub fn judge(signed: &SignedHeader, key: Option<&KnownKey>, words: &Words) -> Findings {
    Findings {
        signature: match key {
            Some(key) if signed.is_signed_by(&key.public) => SignatureFound::Fits,
            Some(_) => SignatureFound::Broken,
            None => SignatureFound::Unchecked,
        },
        key: key_of(signed, key),
        words: match (words, signed.header.content) {
            (Words::Held(bytes), Some(named)) if Digest::of(bytes) == named => WordsFound::Same,
            (Words::Held(_) | Words::Altered, _) => WordsFound::Changed,
            (Words::Absent, Some(_)) => WordsFound::Gone,
            (Words::Absent, None) => WordsFound::NoneSigned,
        },
    }
}

fn key_of(signed: &SignedHeader, key: Option<&KnownKey>) -> KeyFound {
    let header = &signed.header;
    match key {
        None => KeyFound::Unknown,
        Some(key) if key.site_id != header.site || key.purpose != Purpose::Site => {
            KeyFound::NotTheirs
        }
        Some(key) if !key.proves(header.log, header.seq) => KeyFound::Revoked,
        Some(key) if key.revoked_at.is_some() => KeyFound::StillBelieved,
        Some(_) => KeyFound::Counts,
    }
}
