//! A thread as people read it: who asked and every office that had to do with it.

use super::units;
use crate::citizens::case::{self, Kind};
use crate::citizens::sealed::KeyPair;
use crate::citizens::thread::{Act, Message, Rating};
use crate::error::Result;
use crate::pages::cards;
use crate::pages::templates::{ThreadLine, ThreadPicture};
use crate::site::Site;
use crate::vietnamese;
use uuid::Uuid;

/// Who reads it.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    /// Who asked, with the keys of the receipt.
    Asker(&'a KeyPair),
    /// Staff.
    Staff,
    /// The office that a tip is for, with its keys.
    Office(&'a KeyPair),
}

/// What stands for words that the reader has no key to.
const SEALED: &str = "(Đã niêm phong: chỉ cơ quan nhận tin đọc được.)";
/// The same, where the office reads what it said itself.
const SEALED_REPLY: &str = "(Đã niêm phong: chỉ người báo tin đọc được.)";

/// The lines of `thread`.
pub async fn lines(
    site: &Site,
    case: &case::Model,
    thread: &[Message],
    reader: Reader<'_>,
) -> Result<Vec<ThreadLine>> {
    let ids: Vec<Uuid> = thread
        .iter()
        .flat_map(|message| [Some(message.unit), message.to])
        .flatten()
        .collect();
    let names = units::names(site, &ids).await?;
    let mut lines = Vec::with_capacity(thread.len());
    for message in thread {
        let to = message.to.map(|to| units::name_in(&names, to, site));
        lines.push(ThreadLine {
            who: match message.act.is_of_asker() {
                true => asker_of(case, reader),
                false => units::name_in(&names, message.unit, site),
            },
            act: act_in_words(case.kind(), message, to.as_deref()),
            at: cards::moment(message.at),
            words: words_of(case, message, reader),
            is_of_office: !message.act.is_of_asker(),
            pictures: pictures_of(message, reader),
            picture_count: message.pictures.len(),
        });
    }
    Ok(lines)
}

fn asker_of(case: &case::Model, reader: Reader<'_>) -> String {
    match reader {
        Reader::Asker(_) => "Bạn".to_owned(),
        Reader::Staff | Reader::Office(_) => case
            .asker
            .clone()
            .unwrap_or_else(|| "Người gửi không nêu tên".to_owned()),
    }
}

fn words_of(case: &case::Model, message: &Message, reader: Reader<'_>) -> String {
    if message.sealed.is_none() {
        return message.words.clone();
    }
    let opened = match reader {
        Reader::Asker(keys) | Reader::Office(keys) => message.opened(case.id, keys),
        Reader::Staff => None,
    };
    opened.unwrap_or_else(|| {
        let stands_for = if message.act.is_of_asker() {
            SEALED
        } else {
            SEALED_REPLY
        };
        stands_for.to_owned()
    })
}

fn pictures_of(message: &Message, reader: Reader<'_>) -> Vec<ThreadPicture> {
    if !matches!(reader, Reader::Staff) {
        return Vec::new();
    }
    let picture = |(position, picture): (usize, &crate::citizens::thread::Picture)| ThreadPicture {
        src: format!("/quan-tri/nguoi-dan/anh/{}.{position}", message.id),
        width: picture.width,
        height: picture.height,
        alt: format!("Ảnh {} gửi kèm", position + 1),
    };
    message.pictures.iter().enumerate().map(picture).collect()
}

fn act_in_words(kind: Kind, message: &Message, to: Option<&str>) -> String {
    let to = to.unwrap_or("đơn vị khác");
    match message.act {
        Act::Asked => match kind {
            Kind::Question => format!("Hỏi {to}"),
            Kind::Feedback => format!("Phản ánh tới {to}"),
            Kind::Tip => format!("Báo tin tới {to}"),
            Kind::Comment => format!("Góp ý tới {to}"),
        },
        Act::Added => "Nói thêm".to_owned(),
        Act::Progress => "Đang giải quyết".to_owned(),
        Act::AskedBack => "Cần biết thêm".to_owned(),
        Act::Answered if kind == Kind::Comment => "Tiếp thu, giải trình".to_owned(),
        Act::Declined if kind == Kind::Comment => "Giải trình, không tiếp thu".to_owned(),
        Act::Answered => "Trả lời".to_owned(),
        Act::Declined => "Không thuộc thẩm quyền".to_owned(),
        Act::PassedOn => format!("Chuyển tới {to}"),
        Act::Rated => {
            let rating = message.rating.map_or("", Rating::label);
            format!("Đánh giá câu trả lời: {}", rating.to_lowercase())
        }
    }
}

/// How a case stands in time: until when an answer is owed, or since when it is given.
pub fn due_in_words(case: &case::Model, today: chrono::NaiveDate) -> String {
    let due = case.due_on();
    let day = due.format("%d/%m/%Y");
    match (case.closed_at, (due - today).num_days()) {
        (Some(at), _) => {
            let at = chrono::DateTime::from_timestamp_millis(at).unwrap_or_default();
            format!("Kết thúc {}", vietnamese::date(at))
        }
        (None, left) if left < 0 => format!("Quá hạn {} ngày (hạn {day})", -left),
        (None, 0) => "Đến hạn hôm nay".to_owned(),
        (None, left) => format!("Hạn {day}, còn {left} ngày"),
    }
}
