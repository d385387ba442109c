//! What the page of an entry shows of its kind's own: the pictures of an album, a video, a week, a draft
//! that is open to comment, a question, and what a document has to do with others.

use super::cards;
use super::polls;
use super::view::{Badge, Fact, Picture, Stamp, Tone};
use crate::entries::item::{Attachment, CalendarFields, ConsultationFields, QuestionFields};
use crate::entries::kinds::consultation::Stage;
use crate::entries::kinds::document::{DocumentFields, Named};
use crate::entries::kinds::links::{self, Does};
use crate::entries::kinds::validity::{self, Validity};
use crate::entries::kinds::{Kind, album};
use crate::entries::{Item, MediaRole, record};
use crate::error::Result;
use crate::media;
use crate::media::record::Model as Medium;
use crate::site::Site;
use crate::vietnamese;
use chrono::{NaiveDate, TimeZone, Utc};
use std::collections::HashMap;

/// What a kind adds to the page of an entry.
#[derive(Clone, Debug, Default)]
pub enum Part {
    /// Nothing.
    #[default]
    Nothing,
    /// The pictures of an album.
    Album(Vec<AlbumPicture>),
    /// A video.
    Video(Video),
    /// The appointments of a week.
    Week(Week),
    /// What is asked, until when.
    Consultation(Consultation),
    /// What a citizen asked; the body is the answer.
    Question(Question),
    /// What can be chosen, until when, and what it came to.
    Poll(Poll),
}

/// A picture of an album.
#[derive(Clone, Debug, Default)]
pub struct AlbumPicture {
    /// The picture.
    pub picture: Picture,
    /// Who took it.
    pub credit: Option<String>,
    /// Its place, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

/// A video to be played, or to be gone to.
#[derive(Clone, Debug, Default)]
pub struct Video {
    /// Where its file is.
    pub src: Option<String>,
    /// Media type of the file.
    pub mime: String,
    /// Where its captions are.
    pub captions: Option<String>,
    /// What is shown before it plays.
    pub poster: Option<Picture>,
    /// Its page at YouTube.
    pub youtube: Option<String>,
}

/// A week of a unit.
#[derive(Clone, Debug, Default)]
pub struct Week {
    /// `Tuần 36 (từ 06/9 đến 12/9)`.
    pub label: String,
    /// Its days that have appointments.
    pub days: Vec<Day>,
}

/// A day of a week.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// `Thứ Hai, 23/11/2026`.
    pub day: Stamp,
    /// It is today.
    pub is_today: bool,
    /// Its appointments.
    pub rows: Vec<Appointment>,
}

/// An appointment.
#[derive(Clone, Debug, Default)]
pub struct Appointment {
    /// When.
    pub time: String,
    /// What.
    pub content: String,
    /// Who.
    pub who: String,
    /// Where.
    pub place: String,
}

/// A draft that is open to comment, or was.
#[derive(Clone, Debug, Default)]
pub struct Consultation {
    /// Whether it is open.
    pub stage: Badge,
    /// From when, until when, where to.
    pub facts: Vec<Fact>,
    /// It takes nothing in any more.
    pub is_closed: bool,
    /// Where comments are written, where this page's site takes any.
    pub comment_url: Option<String>,
}

/// What a citizen asked, and who answered.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The paragraphs of the question.
    pub asked: Vec<String>,
    /// Who asked, as they are named in public.
    pub asker: Option<String>,
    /// When.
    pub asked_on: Option<Stamp>,
    /// Who answers.
    pub answerer: Option<String>,
    /// When.
    pub answered_on: Option<Stamp>,
    /// Lĩnh vực.
    pub field: Option<String>,
}

/// A poll.
#[derive(Clone, Debug, Default)]
pub struct Poll {
    /// Whether it is open.
    pub stage: Badge,
    /// Its last day.
    pub closes: Stamp,
    /// What can be chosen.
    pub options: Vec<String>,
    /// Where a choice is sent; none where none is taken.
    pub action: Option<String>,
    /// Its page at the site that counts, if that is another.
    pub original: Option<String>,
    /// A choice is thanked for.
    pub thanks: bool,
    /// What it came to, once that is shown.
    pub results: Option<Results>,
}

/// What a poll came to.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// How many chose anything.
    pub total: String,
    /// Each answer.
    pub lines: Vec<PollLine>,
}

/// An answer of a poll, and how many chose it.
#[derive(Clone, Debug, Default)]
pub struct PollLine {
    /// The answer.
    pub option: String,
    /// How many.
    pub votes: String,
    /// `33,3%`.
    pub percent: String,
    /// How many of a thousand.
    pub share: i64,
}

/// Documents that one has to do with in one way.
#[derive(Clone, Debug, Default)]
pub struct Kinship {
    /// `Thay thế`, `Bị thay thế bởi`.
    pub label: &'static str,
    /// Which.
    pub documents: Vec<Relative>,
}

/// A document another has to do with.
#[derive(Clone, Debug, Default)]
pub struct Relative {
    /// `Quyết định 184/QĐ-UBND`.
    pub name: String,
    /// What it is about; none if it is not held here.
    pub title: Option<String>,
    /// Its page, if it is held here.
    pub url: Option<String>,
}

/// What the kind of `item` adds to its page on `today`.
pub fn part_of(item: &Item, media: &HashMap<Vec<u8>, Medium>, today: NaiveDate) -> Part {
    let fields = &item.fields;
    match fields.kind {
        Kind::Album => Part::Album(pictures(item, media)),
        Kind::Video => Part::Video(video(item, media)),
        Kind::Calendar => match &fields.calendar {
            Some(calendar) => Part::Week(week(calendar, today)),
            None => Part::Nothing,
        },
        Kind::Consultation => match &fields.consultation {
            Some(consultation) => Part::Consultation(self::consultation(consultation, today)),
            None => Part::Nothing,
        },
        Kind::Question => match &fields.question {
            Some(question) => Part::Question(self::question(question)),
            None => Part::Nothing,
        },
        Kind::Poll => match &fields.poll {
            Some(poll) => Part::Poll(polls::begun(poll, today)),
            None => Part::Nothing,
        },
        Kind::Article | Kind::Notice | Kind::Page | Kind::Document => Part::Nothing,
    }
}

fn pictures(item: &Item, media: &HashMap<Vec<u8>, Medium>) -> Vec<AlbumPicture> {
    let here: Vec<_> = album::pictures(item)
        .filter_map(|attachment| {
            let medium = media.get(attachment.sha256.as_bytes().as_slice())?;
            let alt = attachment.alt.clone().unwrap_or_default();
            let picture = Picture {
                caption: attachment.title.clone(),
                ..cards::picture(medium, alt)?
            };
            Some((picture, attachment.credit.clone()))
        })
        .collect();
    let of = here.len();
    let numbered = (1..).zip(here);
    numbered
        .map(|(number, (picture, credit))| AlbumPicture {
            picture,
            credit,
            number,
            of,
        })
        .collect()
}

fn video(item: &Item, media: &HashMap<Vec<u8>, Medium>) -> Video {
    let of_role = |role| {
        let mut all = item.attachments.iter();
        all.find(|attachment| attachment.role == role)
    };
    // Our copy alone: a page of ours plays nothing from elsewhere.
    let own = |attachment: &Attachment| {
        media
            .get(attachment.sha256.as_bytes().as_slice())
            .filter(|medium| medium.is_here())
            .and_then(|medium| cards::media_path(&medium.hash))
    };
    let file = of_role(MediaRole::Video);
    let poster = item.lead_picture();
    let poster = poster.and_then(|attachment| {
        let medium = media.get(attachment.sha256.as_bytes().as_slice())?;
        cards::picture(medium, attachment.alt.clone().unwrap_or_default())
    });
    let fields = item.fields.video.clone().unwrap_or_default();
    Video {
        src: file.and_then(own),
        mime: file.map(|file| file.mime_type.clone()).unwrap_or_default(),
        captions: of_role(MediaRole::Captions).and_then(own),
        poster,
        youtube: fields.address(),
    }
}

/// A week, as its page and the list of weeks show it.
pub fn week(calendar: &CalendarFields, today: NaiveDate) -> Week {
    let days = calendar.days().into_iter().map(|(day, rows)| Day {
        day: Stamp {
            iso: day.to_string(),
            text: weekday(day),
        },
        is_today: day == today,
        rows: rows
            .into_iter()
            .map(|row| Appointment {
                time: row.time.clone(),
                content: row.content.clone(),
                who: row.who.clone(),
                place: row.place.clone(),
            })
            .collect(),
    });
    Week {
        label: cards::capitalised(&calendar.in_words()),
        days: days.collect(),
    }
}

/// `Thứ Hai, 23/11/2026`.
fn weekday(day: NaiveDate) -> String {
    let noon = day.and_hms_opt(5, 0, 0).unwrap_or_default();
    let long = vietnamese::long_date(Utc.from_utc_datetime(&noon));
    let name = long.split(',').next().unwrap_or_default();
    format!("{name}, {}", day.format("%d/%m/%Y"))
}

/// A draft that is open to comment, as its page shows it.
pub fn consultation(fields: &ConsultationFields, today: NaiveDate) -> Consultation {
    let day = |day: NaiveDate| cards::day(day).text;
    Consultation {
        stage: stage(fields.stage(today)),
        is_closed: fields.stage(today) == Stage::Closed,
        comment_url: None,
        facts: vec![
            Fact::new(
                "Cơ quan lấy ý kiến",
                fields.asker.clone().unwrap_or_default(),
            ),
            Fact::new(
                "Nhận ý kiến từ",
                fields.opens_on.map(day).unwrap_or_default(),
            ),
            Fact::new("Đến hết ngày", day(fields.closes_on)),
            Fact::new(
                "Nơi nhận ý kiến",
                fields.send_to.clone().unwrap_or_default(),
            ),
        ],
    }
}

fn question(fields: &QuestionFields) -> Question {
    let paragraphs = fields.paragraphs().into_iter();
    Question {
        asked: paragraphs.map(str::to_owned).collect(),
        asker: fields.asker.clone(),
        asked_on: fields.asked_on.map(cards::day),
        answerer: fields.answerer.clone(),
        answered_on: fields.answered_on.map(cards::day),
        field: fields.field.clone(),
    }
}

/// Where a draft stands, as a label.
pub fn stage(stage: Stage) -> Badge {
    let tone = match stage {
        Stage::Open { .. } => Tone::Good,
        Stage::Coming => Tone::Info,
        Stage::Closed => Tone::Quiet,
    };
    Badge::new(stage.in_words(), tone)
}

/// Whether a document holds, as a label.
pub fn validity_badge(
    document: &DocumentFields,
    replaced_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Option<Badge> {
    let validity = validity::on(document.term(), replaced_on, today)?;
    let tone = match validity {
        Validity::InForce => Tone::Good,
        Validity::NotYet(_) => Tone::Info,
        Validity::Ended(_) => Tone::Warning,
    };
    Some(Badge::new(validity.in_words(), tone))
}

/// What a document has to do with others, both ways.
pub async fn kin(
    site: &Site,
    entry: &record::Model,
    document: &DocumentFields,
) -> Result<Vec<Kinship>> {
    let db = site.db.reader();
    let mut kin = Vec::new();
    for (label, named) in [
        ("Thay thế", &document.replaces),
        ("Sửa đổi, bổ sung", &document.amends),
    ] {
        let mut documents = Vec::new();
        for named in named {
            let found = links::meant(db, named, document).await?;
            documents.push(relative(found.as_ref(), named));
        }
        kin.push(Kinship { label, documents });
    }
    let done = links::done_to(db, entry).await?;
    for (does, label) in [
        (Does::Replaces, "Bị thay thế bởi"),
        (Does::Amends, "Được sửa đổi, bổ sung bởi"),
    ] {
        let others = done.iter().filter(|(other, _)| *other == does);
        let documents = others
            .map(|(_, other)| relative(Some(other), &Named::default()))
            .collect();
        kin.push(Kinship { label, documents });
    }
    kin.retain(|kinship| !kinship.documents.is_empty());
    Ok(kin)
}

fn relative(found: Option<&record::Model>, named: &Named) -> Relative {
    let Some(entry) = found else {
        return Relative {
            name: named.in_words(),
            title: None,
            url: None,
        };
    };
    let fields = entry.fields().and_then(|fields| fields.document);
    let fields = fields.unwrap_or_default();
    Relative {
        name: format!("{} {}", fields.form, fields.number),
        title: Some(entry.title.clone()),
        url: Some(entry.path()),
    }
}

/// The media an item shows besides its body.
pub async fn media_of(site: &Site, item: &Item) -> Result<HashMap<Vec<u8>, Medium>> {
    let hashes = item.attachments.iter();
    let hashes = hashes.map(|one| one.sha256.as_bytes().to_vec()).collect();
    media::record::find_many(site.db.reader(), hashes).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_as_plans_name_it() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        assert_eq!(weekday(day), "Thứ Hai, 23/11/2026");
    }

    #[test]
    fn a_document_is_said_to_hold_only_as_far_as_its_dates_and_its_successors_say() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let today = day("2026-11-23");
        let words = |effective: Option<&str>, replaced: Option<&str>| {
            let document = DocumentFields {
                effective_on: effective.map(day),
                ..DocumentFields::default()
            };
            validity_badge(&document, replaced.map(day), today).map(|badge| badge.text)
        };
        assert_eq!(words(None, None), None);
        assert_eq!(
            words(Some("2026-11-23"), None).as_deref(),
            Some("Còn hiệu lực")
        );
        assert_eq!(
            words(Some("2026-12-01"), None).as_deref(),
            Some("Chưa có hiệu lực (từ 01/12/2026)")
        );
        assert_eq!(
            words(Some("2026-01-01"), Some("2026-11-01")).as_deref(),
            Some("Hết hiệu lực từ 01/11/2026")
        );
    }
}
