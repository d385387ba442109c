//! What a form of the citizen desk is about: a kind of case and, of a comment, the draft it is on.

use super::units;
use super::{ASK, COMMENT, REPORT, TELL};
use crate::citizens::Kind;
use crate::entries::item::ConsultationFields;
use crate::entries::kinds::consultation::Stage;
use crate::entries::{self, listing::Listed};
use crate::error::{Error, Result};
use crate::pages::entry_page::{Sight, sight};
use crate::pages::view::Link;
use crate::site::Site;
use crate::vietnamese;
use chrono::NaiveDate;
use uuid::Uuid;

/// What somebody is about to send.
#[derive(Clone, Debug)]
pub(super) enum Topic {
    /// A question.
    Question,
    /// A report or a proposal.
    Feedback,
    /// A tip.
    Tip,
    /// A comment on a draft.
    Comment(Commented),
}

/// A draft that is commented on.
#[derive(Clone, Debug)]
pub(super) struct Commented {
    /// The entry.
    pub(super) id: Uuid,
    /// Its title here.
    pub(super) title: String,
    /// Its page here.
    pub(super) path: String,
    /// The unit that asks, which answers as well.
    pub(super) unit: Uuid,
    /// Why nothing is taken in now; none while something is.
    pub(super) closed: Option<String>,
}

impl Topic {
    /// The draft `id`, if it is shown here and open to comment, or was or will be.
    pub(super) async fn comment(site: &Site, id: Uuid) -> Result<Self> {
        let Sight::Shown(listed) = sight(site, id).await? else {
            return Err(Error::NotFound);
        };
        let fields = listed.entry.fields();
        let fields = fields.and_then(|fields| fields.consultation);
        let fields = fields.ok_or(Error::NotFound)?;
        let today = vietnamese::local(site.clock.now()).date_naive();
        Ok(Self::Comment(Commented {
            id,
            title: listed.title().to_owned(),
            path: listed.entry.path(),
            unit: listed.entry.unit_id,
            closed: closed(&fields, today),
        }))
    }

    /// The kind of case that comes of it.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Question => Kind::Question,
            Self::Feedback => Kind::Feedback,
            Self::Tip => Kind::Tip,
            Self::Comment(_) => Kind::Comment,
        }
    }

    /// Where its form is.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Question => ASK.to_owned(),
            Self::Feedback => REPORT.to_owned(),
            Self::Tip => TELL.to_owned(),
            Self::Comment(draft) => comment_path(draft.id),
        }
    }

    /// The draft it is on.
    pub(super) fn draft(&self) -> Option<&Commented> {
        match self {
            Self::Comment(draft) => Some(draft),
            Self::Question | Self::Feedback | Self::Tip => None,
        }
    }

    /// The way to the draft it is on.
    pub(super) fn link(&self) -> Option<Link> {
        let draft = self.draft()?;
        Some(Link::new(&draft.title, &draft.path))
    }

    /// What the form is called, and what becomes of what is sent.
    pub(super) fn in_words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Question => (
                "Gửi câu hỏi",
                "Không cần tài khoản. Bạn nhận một mã để xem câu trả lời. Cơ quan trả lời hoặc báo tiến độ trong 15 ngày làm việc.",
            ),
            Self::Feedback => (
                "Gửi phản ánh, kiến nghị",
                "Phản ánh không hiện công khai. Bạn nhận một mã để theo dõi việc giải quyết. Cơ quan trả lời hoặc báo tiến độ trong 15 ngày làm việc.",
            ),
            Self::Tip => (
                "Tố giác, báo tin kín",
                "Lời báo được niêm phong ngay khi gửi: chỉ cơ quan bạn chọn mở được. Cán bộ của trang này, cán bộ tỉnh và người giữ máy chủ không đọc được. Trang không ghi địa chỉ mạng của bạn cùng tin báo.",
            ),
            Self::Comment(_) => (
                "Gửi ý kiến góp ý",
                "Ý kiến được chuyển tới cơ quan lấy ý kiến, không hiện công khai. Không cần tài khoản, không cần nêu tên. Bạn nhận một mã để xem ý kiến được tiếp thu, giải trình ra sao.",
            ),
        }
    }
}

/// Where comments on the entry `id` are written.
fn comment_path(id: Uuid) -> String {
    COMMENT.replace("{id}", &id.to_string())
}

/// Where comments on `listed` are written; none while or where nothing is taken in.
pub async fn comments_taken(
    site: &Site,
    listed: &Listed,
    fields: &ConsultationFields,
) -> Result<Option<String>> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let is_open = closed(fields, today).is_none() && site.profile.shown_by.is_none();
    let entry: &entries::record::Model = &listed.entry;
    let is_taken = is_open && units::is_reached(site, entry.unit_id).await?;
    Ok(is_taken.then(|| comment_path(entry.entry_id)))
}

/// Why a draft takes nothing in on `today`.
fn closed(fields: &ConsultationFields, today: NaiveDate) -> Option<String> {
    let day = |day: NaiveDate| day.format("%d/%m/%Y");
    match fields.stage(today) {
        Stage::Open { .. } => None,
        Stage::Coming => Some(match fields.opens_on {
            Some(opens) => format!("Dự thảo nhận ý kiến từ ngày {}.", day(opens)),
            None => "Dự thảo chưa nhận ý kiến.".to_owned(),
        }),
        Stage::Closed => Some(format!(
            "Dự thảo đã đóng nhận ý kiến, hết ngày {}. Ý kiến gửi sau ngày này không được nhận qua cổng.",
            day(fields.closes_on)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_takes_comments_from_its_first_day_through_its_last() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let fields = ConsultationFields {
            opens_on: Some(day("2026-11-10")),
            closes_on: day("2026-12-10"),
            ..ConsultationFields::default()
        };
        for (today, said) in [
            ("2026-11-09", Some("từ ngày 10/11/2026")),
            ("2026-11-10", None),
            ("2026-12-10", None),
            ("2026-12-11", Some("hết ngày 10/12/2026")),
        ] {
            let told = closed(&fields, day(today));
            assert_eq!(told.is_some(), said.is_some(), "{today}");
            assert!(told.unwrap_or_default().contains(said.unwrap_or_default()));
        }
    }
}
