//! What the table of members can show of each: one list for the page, the live rows and the exports.

use crate::members::overview::{Member, Way, wrong_by};
use crate::members::silence::Silence;
use chrono::{DateTime, Utc};
use shared::clock::from_millis;
use shared::newsroom::quota::{Progress, progress};
use shared::pages::cards;
use shared::pages::view::{Link, MemberCell};
use shared::sync::backlog::Waiting;
use shared::vietnamese::{self, grouped};
use std::cmp::Ordering;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// What of the province's it has not received.
    ToMember,
    /// What of its own has not come.
    FromMember,
    /// When it was last heard of.
    Contact,
    /// How long it has published nothing.
    Silence,
    /// How much it published this month.
    Month,
    /// How much of what is expected of it in a month it wrote.
    Quota,
    /// What people wait for.
    Cases,
    /// How often its pages are opened.
    Views,
    /// What comparing came to.
    Compared,
    /// Its last backup.
    Backup,
    /// When a backup was last proved.
    Drill,
    /// What it runs.
    Version,
    /// Its clock.
    Clock,
    /// What was refused.
    Refused,
    /// Whom to ask.
    Owner,
    /// What the province noted.
    Note,
}

impl Column {
    pub(super) const ALL: [Self; 16] = [
        Self::ToMember,
        Self::FromMember,
        Self::Contact,
        Self::Silence,
        Self::Month,
        Self::Quota,
        Self::Cases,
        Self::Views,
        Self::Compared,
        Self::Backup,
        Self::Drill,
        Self::Version,
        Self::Clock,
        Self::Refused,
        Self::Owner,
        Self::Note,
    ];
    /// What is shown to who never chose.
    pub(super) const USUAL: [Self; 7] = [
        Self::ToMember,
        Self::FromMember,
        Self::Contact,
        Self::Silence,
        Self::Month,
        Self::Cases,
        Self::Backup,
    ];

    /// Its name in addresses, in the cookie and in the style sheet.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::ToMember => "nhan",
            Self::FromMember => "gui",
            Self::Contact => "lien-lac",
            Self::Silence => "im-lang",
            Self::Month => "thang",
            Self::Quota => "chi-tieu",
            Self::Cases => "hoi-dap",
            Self::Views => "xem",
            Self::Compared => "doi-chieu",
            Self::Backup => "sao-luu",
            Self::Drill => "dien-tap",
            Self::Version => "phien-ban",
            Self::Clock => "gio",
            Self::Refused => "cach-ly",
            Self::Owner => "phu-trach",
            Self::Note => "ghi-chu",
        }
    }

    pub(super) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }

    /// As its head says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::ToMember => "Nhận về",
            Self::FromMember => "Gửi lên",
            Self::Contact => "Liên lạc cuối",
            Self::Silence => "Bài mới nhất",
            Self::Month => "Bài tháng này",
            Self::Quota => "Chỉ tiêu tháng",
            Self::Cases => "Hỏi đáp, phản ánh",
            Self::Views => "Lượt xem",
            Self::Compared => "Đối chiếu",
            Self::Backup => "Sao lưu",
            Self::Drill => "Diễn tập dựng lại",
            Self::Version => "Phiên bản",
            Self::Clock => "Đồng hồ",
            Self::Refused => "Bị cách ly",
            Self::Owner => "Người phụ trách",
            Self::Note => "Ghi chú",
        }
    }

    /// What it shows of `member`.
    pub(super) fn cell(self, member: &Member, now: DateTime<Utc>) -> MemberCell {
        let cell = match self {
            Self::ToMember => waiting(member, now),
            Self::FromMember => coming(member, now),
            Self::Contact => when(member.last_contact, "chưa lần nào"),
            Self::Silence => newest(member),
            Self::Month => number(member.content.month),
            Self::Quota => quota(member, now),
            Self::Cases => cases(member),
            Self::Views => views(member),
            Self::Compared => compared(member),
            Self::Backup => backup(member),
            Self::Drill => drill(member),
            Self::Version => version(member),
            Self::Clock => clock(member),
            Self::Refused => refused(member),
            Self::Owner => owner(member),
            Self::Note => text(member.note.note.as_deref().unwrap_or_default()),
        };
        MemberCell {
            column: self.code().to_owned(),
            label: self.label().to_owned(),
            ..cell
        }
    }

    /// In which order two members come. What is most in need of somebody comes first.
    pub(super) fn order(self, one: &Member, other: &Member) -> Ordering {
        let oldest_first = |of: fn(&Member) -> Option<i64>| of(one).cmp(&of(other));
        let most_first = |of: fn(&Member) -> i64| of(other).cmp(&of(one));
        match self {
            Self::ToMember => most_first(|member| count(member.waiting().items)),
            Self::FromMember => most_first(|member| member.from_member + member.missing),
            Self::Contact => oldest_first(|member| member.last_contact),
            Self::Silence => oldest_first(|member| Some(member.content.newest.as_ref()?.2)),
            Self::Month => most_first(|member| member.content.month),
            Self::Quota => most_first(|member| {
                let quota = member.content.quota.map_or(0, i64::from);
                quota - member.content.originals
            }),
            Self::Cases => most_first(|member| {
                let told = member.cases.as_ref();
                told.map_or(-1, |told| told.late * 1_000_000 + told.open)
            }),
            Self::Views => most_first(|member| member.views.map_or(-1, |views| views.month)),
            Self::Compared => oldest_first(|member| member.compared.as_ref()?.agreed_at),
            Self::Backup => oldest_first(|member| member.backup.as_ref()?.at),
            Self::Drill => oldest_first(|member| member.backup.as_ref()?.drilled_at),
            Self::Version => version(one).text.cmp(&version(other).text),
            Self::Clock => most_first(|member| member.skew.map_or(0, i64::abs)),
            Self::Refused => most_first(|member| count(member.refused)),
            Self::Owner => owner(one).text.cmp(&owner(other).text),
            Self::Note => one.note.note.is_none().cmp(&other.note.note.is_none()),
        }
    }
}

fn count(items: u64) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

fn text(text: impl Into<String>) -> MemberCell {
    MemberCell {
        text: text.into(),
        ..MemberCell::default()
    }
}

fn muted(words: &str) -> MemberCell {
    MemberCell {
        is_muted: true,
        ..text(words)
    }
}

fn number(number: i64) -> MemberCell {
    text(grouped(number))
}

fn when(at: Option<i64>, none: &str) -> MemberCell {
    match at.map(cards::moment) {
        Some(at) => text(at.text),
        None => muted(none),
    }
}

/// `còn 12 mục`, `còn hơn 20.000 mục`, `đã đủ`.
pub(super) fn items(waiting: Waiting) -> String {
    match (waiting.items, waiting.or_more) {
        (0, _) => "đã đủ".to_owned(),
        (items, false) => format!("còn {} mục", grouped(count(items))),
        (items, true) => format!("còn hơn {} mục", grouped(count(items))),
    }
}

/// `mục cũ nhất chờ 3 giờ 10 phút`.
pub(super) fn oldest(waiting: Waiting, now: DateTime<Utc>) -> String {
    let more = if waiting.or_more { "hơn " } else { "" };
    waiting
        .oldest
        .map_or_else(String::new, |since| age(since, more, now))
}

/// `mục cũ nhất chờ ít nhất 3 giờ`: when it was written is known there alone.
pub(super) fn since(at: Option<i64>, now: DateTime<Utc>) -> String {
    at.map_or_else(String::new, |since| age(since, "ít nhất ", now))
}

fn age(since: i64, at_least: &str, now: DateTime<Utc>) -> String {
    let age = now - from_millis(since);
    match age.num_minutes() {
        ..1 => "mục vừa tới".to_owned(),
        _ => format!("mục cũ nhất chờ {at_least}{}", vietnamese::ago(age)),
    }
}

fn waiting(member: &Member, now: DateTime<Utc>) -> MemberCell {
    if member.way == Way::Feed {
        return muted("đọc qua nguồn tin");
    }
    let waiting = member.waiting();
    MemberCell {
        sub: oldest(waiting, now),
        is_bad: waiting.items > 0,
        ..text(items(waiting))
    }
}

fn coming(member: &Member, now: DateTime<Utc>) -> MemberCell {
    let bad = |words: String| MemberCell {
        is_bad: true,
        sub: since(member.from_member_since, now),
        ..text(words)
    };
    match (member.missing, member.from_member) {
        (missing @ 1.., _) => bad(format!("thiếu {} mục so với trang", grouped(missing))),
        (_, behind @ 1..) => bad(format!("còn {} mục", grouped(behind))),
        _ => text("đã đủ"),
    }
}

fn newest(member: &Member) -> MemberCell {
    let Some((title, url, at)) = &member.content.newest else {
        return muted("chưa có");
    };
    let days = member.content.silent_days.unwrap_or_default();
    let sub = match member.content.silence {
        Silence::Usual => String::new(),
        Silence::Unusual => format!("im lặng {days} ngày, lâu hơn thường lệ"),
        Silence::TooLong => {
            let limit = member.silent_limit();
            format!("im lặng {days} ngày, quá hạn {limit} ngày")
        }
    };
    MemberCell {
        about: Some(Link::new(title, url)),
        is_bad: member.content.silence == Silence::TooLong,
        sub,
        text: vietnamese::date(from_millis(*at)),
        ..MemberCell::default()
    }
}

/// `3/12`, and whether that is as far as the month has come.
fn quota(member: &Member, now: DateTime<Utc>) -> MemberCell {
    let Some(quota) = member.content.quota else {
        return muted("không có");
    };
    let written = member.content.originals;
    let today = vietnamese::local(now).date_naive();
    let progress = progress(u64::try_from(written).unwrap_or_default(), quota, today);
    MemberCell {
        sub: match progress {
            Progress::Reached => "đã đủ".to_owned(),
            Progress::OnTrack => "đúng tiến độ".to_owned(),
            Progress::Behind(missing) => format!("chậm tiến độ, còn {missing} bài"),
        },
        is_bad: matches!(progress, Progress::Behind(_)),
        ..text(format!("{}/{quota}", grouped(written)))
    }
}

fn cases(member: &Member) -> MemberCell {
    let Some(told) = &member.cases else {
        return muted("chưa báo");
    };
    MemberCell {
        is_bad: told.late > 0,
        sub: match told.late {
            0 => String::new(),
            late => format!("{} quá hạn", grouped(late)),
        },
        ..text(format!("{} chờ trả lời", grouped(told.open)))
    }
}

fn views(member: &Member) -> MemberCell {
    let Some(views) = &member.views else {
        return muted("chưa có");
    };
    MemberCell {
        sub: format!("tháng này {}", grouped(views.month)),
        ..text(format!("hôm nay {}", grouped(views.today)))
    }
}

fn compared(member: &Member) -> MemberCell {
    let Some(compared) = &member.compared else {
        return muted("chưa lần nào");
    };
    let missed = compared.missed();
    let (damaged, checked) = (compared.damaged, compared.checked_at);
    let mut notes = Vec::new();
    if damaged > 0 {
        notes.push(format!("{} mục hỏng chưa khôi phục", grouped(damaged)));
    }
    if missed > 0 {
        notes.push(format!("đã bổ sung {} mục bị sót", grouped(missed)));
    }
    if let Some(checked) = checked.filter(|_| damaged > 0) {
        notes.push(format!(
            "kiểm tra đĩa {}",
            vietnamese::date_time(from_millis(checked))
        ));
    }
    MemberCell {
        is_bad: damaged > 0,
        sub: notes.join("; "),
        ..when(compared.agreed_at, "chưa khớp")
    }
}

fn backup(member: &Member) -> MemberCell {
    let Some(backup) = &member.backup else {
        return muted("ngoài hệ thống");
    };
    MemberCell {
        is_bad: backup.is_red,
        sub: match (&backup.wrong, backup.is_told, backup.is_red) {
            (Some(wrong), ..) => wrong.clone(),
            (None, false, _) => "trang chưa báo tình trạng".to_owned(),
            (None, true, true) if backup.drilled_at.is_none() => {
                "chưa diễn tập dựng lại".to_owned()
            }
            (None, true, true) => "đã quá lâu".to_owned(),
            (None, true, false) => String::new(),
        },
        ..when(backup.at, "chưa lần nào")
    }
}

fn drill(member: &Member) -> MemberCell {
    match &member.backup {
        Some(backup) => when(backup.drilled_at, "chưa lần nào"),
        None => muted("ngoài hệ thống"),
    }
}

fn version(member: &Member) -> MemberCell {
    match &member.way {
        Way::Expected => muted("chờ kết nối"),
        Way::Native(Some(software)) => text(software.clone()),
        Way::Native(None) => muted("chưa biết"),
        Way::Feed => text("nguồn tin RSS, Atom"),
    }
}

fn clock(member: &Member) -> MemberCell {
    match (member.wrong_clock(), member.skew) {
        (Some(skew), _) => MemberCell {
            is_bad: true,
            ..text(wrong_by(skew))
        },
        (None, Some(_)) => text("đúng"),
        (None, None) => muted("chưa biết"),
    }
}

fn refused(member: &Member) -> MemberCell {
    MemberCell {
        is_bad: member.refused > 0,
        ..number(count(member.refused))
    }
}

fn owner(member: &Member) -> MemberCell {
    let Some(contact) = &member.contact else {
        return muted("chưa khai báo");
    };
    MemberCell {
        sub: contact.phone.clone().unwrap_or_default(),
        ..text(contact.responsible.clone().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use shared::citizens::told as told_cases;

    #[test]
    fn columns_are_named_once_and_found_by_their_names() {
        for column in Column::ALL {
            assert_eq!(Column::parse(column.code()), Some(column));
        }
        assert_eq!(Column::parse("khac"), None);
    }

    #[test]
    fn a_cell_says_what_is_wrong() {
        let now = DateTime::from_timestamp(1_795_386_793, 0).expect("a time");
        let ago = |minutes: i64| (now - TimeDelta::minutes(minutes)).timestamp_millis();
        let waits = |items, or_more| Waiting {
            items,
            oldest: Some(ago(190)),
            or_more,
        };
        let cases = |open, late| told_cases::Model {
            site_id: uuid::Uuid::nil(),
            open,
            late,
            told_at: 0,
        };
        let member = Member {
            way: Way::Native(Some("0.1.0".to_owned())),
            ..Member::default()
        };
        let table = [
            (Column::ToMember, member.clone(), "đã đủ", "", false),
            (
                Column::ToMember,
                Member {
                    to_member: [
                        waits(2, false),
                        Waiting {
                            items: 10,
                            ..waits(0, false)
                        },
                    ],
                    ..member.clone()
                },
                "còn 12 mục",
                "mục cũ nhất chờ 3 giờ 10 phút",
                true,
            ),
            (
                Column::ToMember,
                Member {
                    to_member: [waits(0, false), waits(20_000, true)],
                    ..member.clone()
                },
                "còn hơn 20.000 mục",
                "mục cũ nhất chờ hơn 3 giờ 10 phút",
                true,
            ),
            (
                Column::FromMember,
                Member {
                    missing: 2,
                    from_member: 5,
                    ..member.clone()
                },
                "thiếu 2 mục so với trang",
                "",
                true,
            ),
            (
                Column::Cases,
                Member {
                    cases: Some(cases(4, 1)),
                    ..member.clone()
                },
                "4 chờ trả lời",
                "1 quá hạn",
                true,
            ),
            (
                Column::Clock,
                Member {
                    skew: Some(-45_000),
                    ..member.clone()
                },
                "chậm 45 giây",
                "",
                true,
            ),
            (
                Column::Clock,
                Member {
                    skew: Some(300_000),
                    ..member.clone()
                },
                "nhanh 5 phút",
                "",
                true,
            ),
            (Column::Backup, member.clone(), "ngoài hệ thống", "", false),
        ];
        for (column, member, expected, sub, is_bad) in table {
            let cell = column.cell(&member, now);
            assert_eq!(
                (cell.text.as_str(), cell.sub.as_str(), cell.is_bad),
                (expected, sub, is_bad),
                "{column:?}"
            );
        }
    }
}
