//! The record for an auditor: CSV to read, JSON lines to check.
//!
//! What is written is one run of the chain. The JSON lines begin with a line that names the site and
//! what stands before the first record; each following line is a record as its digest sees it, with the
//! digest. [`verify`] needs nothing else, and a few lines of any other language do the same.

use super::chain::{self, Document, Mark, Model};
use super::check::{Broken, Walk};
use super::search;
use super::{Action, Kind, actor};
use crate::clock::from_millis;
use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use crate::vietnamese;
use futures_util::stream::{self, Stream};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::BufRead;
use std::sync::Arc;
use uuid::Uuid;

/// Records read at a time.
const SOME: u64 = 500;
/// Longest line of an exported file that is read back, in bytes.
const LONGEST_LINE: usize = 64 * 1024;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a spreadsheet.
    Csv,
    /// For checking.
    Jsonl,
}

impl Format {
    /// The end of its files' names.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl; charset=utf-8",
        }
    }
}

/// The first of the JSON lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    /// Which kind of file it is, and its version.
    lien_cong_audit: u32,
    /// Whose record it is.
    site: Uuid,
    /// What that site calls itself.
    title: String,
    /// What stands before the first record.
    after: Mark,
}

/// One of the JSON lines.
#[derive(Clone, Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    document: Document,
    digest: Digest,
}

/// One run of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// What stands before its first record.
    pub after: Mark,
    /// Its last place.
    pub last: i64,
}

/// The run of the records between two moments; all of them without.
pub async fn run(site: &Site, from: Option<i64>, until: Option<i64>) -> Result<Run> {
    let db = site.db.reader();
    let ends = chain::ends(db).await?;
    let Some((first, last)) = search::places(db, from, until).await? else {
        let last = ends.anchor.seq;
        return Ok(Run {
            after: ends.anchor,
            last,
        });
    };
    let first = chain::Entity::find_by_id(first).one(db).await?;
    let Some(first) = first else {
        return Err(crate::error::Error::NotFound);
    };
    let digest = Digest::from_slice(&first.previous).map_err(anyhow::Error::new)?;
    let seq = first.seq - 1;
    Ok(Run {
        after: Mark { seq, digest },
        last,
    })
}

/// `run` written in `format`, a piece at a time.
pub fn pieces(
    site: Arc<Site>,
    run: Run,
    format: Format,
) -> impl Stream<Item = Result<String>> + Send {
    let begun = Some((run.after.seq, true));
    stream::try_unfold(begun, move |state| {
        let site = Arc::clone(&site);
        async move {
            let Some((seq, is_first)) = state else {
                return Ok(None);
            };
            let some = search::following(site.db.reader(), seq, run.last, SOME).await?;
            let mut piece = match is_first {
                true => head(&site, run, format)?,
                false => String::new(),
            };
            for record in &some {
                piece.push_str(&line(record, format)?);
            }
            let next = some.last().map(|record| (record.seq, false));
            Ok(Some((piece, next)))
        }
    })
}

fn head(site: &Site, run: Run, format: Format) -> Result<String> {
    match format {
        Format::Csv => Ok(format!("\u{feff}{}\r\n", COLUMNS.join(","))),
        Format::Jsonl => json_line(&Head {
            lien_cong_audit: 1,
            site: site.id,
            title: site.profile.title.clone(),
            after: run.after,
        }),
    }
}

fn line(record: &Model, format: Format) -> Result<String> {
    match format {
        Format::Csv => Ok(csv_record(record)),
        Format::Jsonl => json_line(&Line {
            document: record.document()?,
            digest: Digest::from_slice(&record.digest).map_err(anyhow::Error::new)?,
        }),
    }
}

fn json_line(value: &impl Serialize) -> Result<String> {
    let mut line = serde_json::to_string(value).map_err(anyhow::Error::new)?;
    line.push('\n');
    Ok(line)
}

const COLUMNS: [&str; 17] = [
    "Số",
    "Thời gian (GMT+7)",
    "Người thực hiện",
    "Mã tài khoản",
    "Phiên",
    "Địa chỉ IP",
    "Cổng nguồn",
    "Việc",
    "Kết quả",
    "Số lần",
    "Đối tượng",
    "Mã đối tượng",
    "Tên",
    "Trước",
    "Sau",
    "Mã băm dòng trước",
    "Mã băm",
];

fn csv_record(record: &Model) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let hex = |bytes: &[u8]| Digest::from_slice(bytes).map(|digest| digest.hex());
    let at = vietnamese::local(from_millis(record.at));
    let who = match &record.login {
        Some(login) => login.clone(),
        None => actor::in_words(&record.actor).to_owned(),
    };
    let cells = [
        record.seq.to_string(),
        at.format("%Y-%m-%d %H:%M:%S").to_string(),
        who,
        record
            .account_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
        text(&record.session),
        text(&record.address),
        record.port.map(|port| port.to_string()).unwrap_or_default(),
        action_in_words(&record.action).to_owned(),
        outcome_in_words(&record.outcome).to_owned(),
        record.times.to_string(),
        record
            .kind
            .as_deref()
            .map(Kind::in_words)
            .unwrap_or_default()
            .to_owned(),
        text(&record.subject),
        text(&record.title),
        text(&record.before),
        text(&record.after),
        hex(&record.previous).unwrap_or_default(),
        hex(&record.digest).unwrap_or_default(),
    ];
    csv_line(&cells)
}

/// A line of a table for spreadsheets.
pub fn csv_line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that a spreadsheet shows and does not calculate: a title may begin with `=`.
pub(crate) fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

/// An action of that name, as people read it.
pub fn action_in_words(name: &str) -> &str {
    match Action::parse(name) {
        Some(action) => action.label(),
        None => name,
    }
}

/// An outcome of that name, as people read it.
pub fn outcome_in_words(name: &str) -> &'static str {
    match name {
        "done" => "đã làm",
        _ => "bị từ chối",
    }
}

/// Why an exported file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("không đọc được tệp: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A line is not of the form.
    #[error("dòng {0} của tệp không đúng dạng")]
    Line(usize),
    /// The chain is broken.
    #[error("{}", .0.in_words())]
    Broken(Broken),
}

/// Checks exported JSON lines; the last record that is right, and how many there are.
pub fn verify(file: impl BufRead) -> std::result::Result<Walk, FileError> {
    let mut walk = None;
    for (number, line) in file.lines().enumerate() {
        let (line, number) = (line?, number + 1);
        if line.len() > LONGEST_LINE {
            return Err(FileError::Line(number));
        }
        match &mut walk {
            None => {
                let head: Head =
                    serde_json::from_str(&line).map_err(|_| FileError::Line(number))?;
                if head.lien_cong_audit != 1 {
                    return Err(FileError::Line(number));
                }
                walk = Some(Walk::from(head.after));
            }
            Some(walk) => {
                step(walk, &line).map_err(|why| why.unwrap_or(FileError::Line(number)))?
            }
        }
    }
    walk.ok_or(FileError::Line(1))
}

/// Looks at one line; nothing said where it is not even of the form.
fn step(walk: &mut Walk, line: &str) -> std::result::Result<(), Option<FileError>> {
    let mut document: serde_json::Map<String, Value> =
        serde_json::from_str(line).map_err(|_| None)?;
    let digest = document.remove("digest").ok_or(None)?;
    let seq = document.get("seq").and_then(Value::as_i64).ok_or(None)?;
    let previous = document.get("previous").cloned().ok_or(None)?;
    let parsed = |value| serde_json::from_value::<Digest>(value).map_err(|_| None);
    let (digest, previous) = (parsed(digest)?, parsed(previous)?);
    // Whatever else stands in the line is covered as well.
    let made = Digest::of_canonical(&document).map_err(|_| None)?;
    walk.step(Mark { seq, digest }, previous, made)
        .map_err(|broken| Some(FileError::Broken(broken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_shows_and_does_not_calculate() {
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("Tin, bài"), "\"Tin, bài\"");
        assert_eq!(csv_cell("@a \"b\""), "\"'@a \"\"b\"\"\"");
        assert_eq!(csv_cell("Kon Braih"), "Kon Braih");
    }
}
