//! Every entry that says something or shows a medium, wherever it is shown: what leaked is found by what leaked.
//!
//! All that is held of every unit is read, not an index of words: a number in a caption counts as well. Rare, and worth
//! the seconds.

use regex::Regex;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use shared::entries::record::{self, Column};
use shared::error::{Error, Result};
use shared::log::{Digest, content};
use shared::media::record::of_entry;
use shared::vietnamese::nfc;

/// Most entries that are found: who finds more looks for something more exact.
pub const MOST: usize = 200;
/// The longest that may be looked for, in letters.
const LONGEST: usize = 200;
/// The shortest: fewer letters are in everything.
const SHORTEST: usize = 4;
/// Contents read at a time.
const AT_ONCE: u64 = 200;
/// Letters shown before and after what was found.
const AROUND: usize = 60;
/// Fewer digits are a year or a count, and looked for as words.
const DIGITS: usize = 7;

/// What is looked for.
#[derive(Clone, Debug)]
pub enum Sought {
    /// Words in this order, or a number however it is grouped.
    Said(Regex),
    /// A picture or file.
    Shown(Digest),
}

impl Sought {
    /// What somebody typed: the hash of a medium, a number, or words.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is too short or too long to look for.
    pub fn parse(typed: &str) -> Result<Self> {
        let typed = nfc(typed.trim());
        let letters = typed.chars().count();
        if letters < SHORTEST {
            return Err(Error::invalid(
                "q",
                "Hãy ghi ít nhất 4 chữ cái hoặc chữ số.",
            ));
        }
        if letters > LONGEST {
            return Err(Error::invalid("q", "Hãy ghi một cụm ngắn hơn 200 chữ."));
        }
        let bare = typed.strip_prefix("sha-256:").unwrap_or(&typed);
        if let Some(digest) = digest(bare) {
            return Ok(Self::Shown(digest));
        }
        let pattern = match number(&typed) {
            Some(digits) => {
                let digits: Vec<String> = digits.chars().map(String::from).collect();
                format!(r"(?:^|\D)({})(?:\D|$)", digits.join(r"[\s.\-]{0,2}"))
            }
            None => {
                let words: Vec<String> = typed.split_whitespace().map(regex::escape).collect();
                format!("(?i)({})", words.join(r"(?:\s|&nbsp;|<[^<>]{0,200}>)+"))
            }
        };
        let pattern = Regex::new(&pattern).map_err(anyhow::Error::new)?;
        Ok(Self::Said(pattern))
    }

    /// Whether `text` says it.
    pub fn is_said_in(&self, text: &str) -> bool {
        self.context(text).is_some()
    }

    /// Where `text` says it, with what stands around it; none if it does not.
    fn context(&self, text: &str) -> Option<String> {
        let Self::Said(pattern) = self else {
            return None;
        };
        let found = pattern.captures(text)?.get(1)?;
        let before = end_of(&text[..found.start()]);
        let after = begin_of(&text[found.end()..]);
        Some(plain(&format!("{before}{}{after}", found.as_str())))
    }
}

/// The last words of a text, none of them cut.
fn end_of(text: &str) -> &str {
    let Some((from, _)) = text.char_indices().rev().nth(AROUND) else {
        return text;
    };
    text[from..].split_once(' ').map_or("", |(_, words)| words)
}

/// The first words of a text, none of them cut.
fn begin_of(text: &str) -> &str {
    let Some((to, _)) = text.char_indices().nth(AROUND) else {
        return text;
    };
    text[..to].rsplit_once(' ').map_or("", |(words, _)| words)
}

/// 64 hexadecimal digits.
fn digest(typed: &str) -> Option<Digest> {
    let is_hex = typed.len() == 64 && typed.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex
        .then(|| Digest::from_hex(&typed.to_lowercase()).ok())
        .flatten()
}

/// The digits of a number, if it is one: of a telephone, of an identity card.
fn number(typed: &str) -> Option<String> {
    let is_number = typed.chars().all(|letter| {
        letter.is_ascii_digit() || letter.is_whitespace() || ".-+()".contains(letter)
    });
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    (is_number && digits.len() >= DIGITS).then_some(digits)
}

/// A piece of HTML without its tags; those cut in two at its ends as well.
fn plain(piece: &str) -> String {
    let mut plain = String::with_capacity(piece.len());
    let mut is_tag = false;
    for letter in piece.chars() {
        match letter {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                plain.push(' ');
            }
            // The end of a tag that began before: what came so far was no text.
            '>' => plain.clear(),
            letter if !is_tag => plain.push(letter),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An entry that says or shows it.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The entry.
    pub entry: record::Model,
    /// Where it says so; none for a medium.
    pub context: Option<String>,
}

/// Everything that is live and says or shows what is `sought`, the newest first; and whether there is more.
pub async fn find<C: ConnectionTrait>(db: &C, sought: &Sought) -> Result<(Vec<Hit>, bool)> {
    match sought {
        Sought::Said(_) => said(db, sought).await,
        Sought::Shown(digest) => shown(db, digest).await,
    }
}

async fn shown<C: ConnectionTrait>(db: &C, digest: &Digest) -> Result<(Vec<Hit>, bool)> {
    use sea_orm::QueryTrait;
    let entries = of_entry::Entity::find()
        .select_only()
        .column(of_entry::Column::EntryId)
        .filter(of_entry::Column::Hash.eq(digest.as_bytes().to_vec()))
        .into_query();
    let mut found = record::Entity::find()
        .filter(Column::State.eq("live"))
        .filter(Column::EntryId.in_subquery(entries))
        .order_by_desc(Column::Id)
        .limit(MOST as u64 + 1)
        .all(db)
        .await?;
    let is_more = found.len() > MOST;
    found.truncate(MOST);
    let hits = found.into_iter().map(|entry| Hit {
        entry,
        context: None,
    });
    Ok((hits.collect(), is_more))
}

async fn said<C: ConnectionTrait>(db: &C, sought: &Sought) -> Result<(Vec<Hit>, bool)> {
    let mut hits = Vec::new();
    let mut below = i64::MAX;
    loop {
        let entries = record::Entity::find()
            .filter(Column::State.eq("live"))
            .filter(Column::Id.lt(below))
            .order_by_desc(Column::Id)
            .limit(AT_ONCE)
            .all(db)
            .await?;
        let Some(last) = entries.last() else {
            return Ok((hits, false));
        };
        below = last.id;
        let hashes = entries
            .iter()
            .filter_map(|entry| entry.content_hash.clone());
        let contents = content::read_many(db, hashes.collect()).await?;
        for entry in entries {
            let bytes = entry
                .content_hash
                .as_ref()
                .and_then(|hash| contents.get(hash));
            let Some(bytes) = bytes else { continue };
            let Some(context) = texts(bytes).iter().find_map(|text| sought.context(text)) else {
                continue;
            };
            if hits.len() == MOST {
                return Ok((hits, true));
            }
            hits.push(Hit {
                entry,
                context: Some(context),
            });
        }
    }
}

/// Everything a content says in words, whatever it calls it.
fn texts(bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    if let Ok(content) = serde_json::from_slice(bytes) {
        gather(content, &mut texts);
    }
    texts
}

fn gather(value: serde_json::Value, texts: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(values) => values.into_iter().for_each(|value| gather(value, texts)),
        Value::Object(members) => {
            for (_, value) in members {
                gather(value, texts);
            }
        }
        // A number that was written as one.
        Value::Number(number) => texts.push(number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing::{self, press};

    #[test]
    fn what_is_typed_is_found_however_it_is_written() {
        for (typed, text, expected) in [
            (
                "0912345678",
                "Gọi 0912 345 678 để hỏi",
                Some("Gọi 0912 345 678 để hỏi"),
            ),
            (
                "0912 345 678",
                "Gọi 0912.345.678.",
                Some("Gọi 0912.345.678."),
            ),
            ("0912-345-678", "số 0912345678", Some("số 0912345678")),
            ("0912345678", "mã 10912345678 khác", None),
            ("0912345678", "mã 09123456789 khác", None),
            (
                "danh sách hộ nghèo",
                "<p>Danh  sách <b>hộ</b> nghèo năm</p>",
                Some("Danh sách hộ nghèo năm"),
            ),
            ("danh sách hộ nghèo", "danh sách các hộ nghèo", None),
            (
                "Nguyễn Văn A (mẫu)",
                "ông NGUYỄN VĂN A (MẪU)",
                Some("ông NGUYỄN VĂN A (MẪU)"),
            ),
            ("hòa bình", "hoa binh", None),
        ] {
            let sought = Sought::parse(typed).expect("it can be looked for");
            assert_eq!(
                sought.context(text).as_deref(),
                expected,
                "{typed} in {text}"
            );
        }
        let hash = "AB".repeat(32);
        for typed in [hash.clone(), format!("sha-256:{hash}")] {
            assert!(
                matches!(Sought::parse(&typed), Ok(Sought::Shown(_))),
                "{typed}"
            );
        }
        for typed in ["", "abc", &"dài ".repeat(80)] {
            assert!(
                matches!(Sought::parse(typed), Err(Error::Invalid(_))),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_stands_around_ends_at_a_word() {
        let long = "chữ ".repeat(40);
        assert_eq!(begin_of(&long).trim().len() % "chữ ".len(), "chữ".len());
        assert!(end_of(&long).starts_with("chữ ") && end_of(&long).len() < long.len());
        assert_eq!((begin_of("ngắn"), end_of("ngắn")), ("ngắn", "ngắn"));
    }

    #[tokio::test]
    async fn everything_that_says_it_is_found_in_body_title_and_caption() {
        let site = testing::Setup::default()
            .site_of::<migrations::HubSchema>()
            .await;
        let secret = "0912 345 678";
        let said = |place: &str| format!("{place} có số {secret}");
        let in_title = press::article(&said("Bài")).publish(&site).await;
        let in_body = press::article("Trong bài")
            .body(&format!("<p>{}</p>", said("Một <b>dòng</b>")))
            .publish(&site)
            .await;
        let in_lead = press::article("Ở lời dẫn")
            .lead(&said("Lời dẫn"))
            .publish(&site)
            .await;
        press::article("Không có").publish(&site).await;
        let taken_back = press::article(&said("Đã gỡ")).publish(&site).await;
        press::withdraw(&site, taken_back, 2).await;

        let db = site.db.reader();
        let sought = Sought::parse("0912345678").expect("a number");
        let (hits, is_more) = find(db, &sought).await.expect("a search");
        let found: Vec<_> = hits.iter().map(|hit| hit.entry.entry_id).collect();
        assert_eq!(found, [in_lead, in_body, in_title]);
        assert!(!is_more);
        assert_eq!(
            hits[1].context.as_deref(),
            Some("Một dòng có số 0912 345 678")
        );
    }
}
