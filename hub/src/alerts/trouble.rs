//! What is wrong with a member, by one look at it.

use crate::members::overview::{Member, wrong_by};
use crate::members::silence::Silence;
use crate::probes;
use crate::probes::record::Outcome;
use chrono::TimeDelta;
use shared::clock::from_millis;
use shared::pages::view::LinkState;
use shared::vietnamese;

/// What may be wrong with a member. The worst come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Two machines run one site: each loses what the other writes.
    Doubled,
    /// It shows what its unit never signed.
    Forged,
    /// What was recalled is still to be read there.
    Recall,
    /// Nothing is heard of it.
    Lost,
    /// It is heard of, and what waits for it does not get there.
    Late,
    /// Its clock is wrong.
    Clock,
    /// Browsers do not believe its certificate, or soon will not.
    Certificate,
    /// Its backups do not come, or do not prove to be whole.
    Backup,
    /// Items were refused, and somebody has to look.
    Refused,
    /// Its own feed shows what it did not send.
    Missing,
    /// It has published nothing for longer than it may.
    Silent,
    /// Something is to be made public soon, or should have been.
    Disclosure,
}

impl Kind {
    /// All kinds, the worst first.
    pub const ALL: [Self; 12] = [
        Self::Doubled,
        Self::Forged,
        Self::Recall,
        Self::Lost,
        Self::Late,
        Self::Clock,
        Self::Certificate,
        Self::Backup,
        Self::Refused,
        Self::Missing,
        Self::Silent,
        Self::Disclosure,
    ];

    /// Its name in the database and in webhooks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Doubled => "doubled",
            Self::Forged => "forged",
            Self::Recall => "recall",
            Self::Lost => "lost",
            Self::Late => "late",
            Self::Clock => "clock",
            Self::Certificate => "certificate",
            Self::Backup => "backup",
            Self::Refused => "refused",
            Self::Missing => "missing",
            Self::Silent => "silent",
            Self::Disclosure => "disclosure",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Doubled => "Hai máy cùng chạy một trang",
            Self::Forged => "Trang hiện nội dung không được ký",
            Self::Recall => "Chưa gỡ bài bị thu hồi",
            Self::Lost => "Mất kết nối",
            Self::Late => "Nhận tin trễ",
            Self::Clock => "Đồng hồ sai",
            Self::Certificate => "Chứng thư bảo mật có vấn đề",
            Self::Backup => "Sao lưu có vấn đề",
            Self::Refused => "Có mục bị từ chối",
            Self::Missing => "Trang có tin chưa gửi",
            Self::Silent => "Lâu không đăng tin",
            Self::Disclosure => "Đến hạn công khai",
        }
    }

    /// Whether people are woken for it.
    pub fn is_urgent(self) -> bool {
        matches!(self, Self::Doubled | Self::Forged | Self::Recall)
    }

    /// How long it has to last before it is worth an alert: much mends itself.
    pub fn patience(self) -> TimeDelta {
        match self {
            Self::Doubled
            | Self::Forged
            | Self::Lost
            | Self::Certificate
            | Self::Silent
            | Self::Disclosure => TimeDelta::zero(),
            Self::Clock => TimeDelta::minutes(10),
            Self::Recall | Self::Late | Self::Refused | Self::Missing => TimeDelta::minutes(60),
            Self::Backup => TimeDelta::hours(24),
        }
    }
}

/// What was found of a member otherwise than by hearing of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct FromOutside<'a> {
    /// How much of what was recalled it still shows.
    pub recalls: u64,
    /// What was found by looking at its pages that somebody has to know of.
    pub probes: &'a [probes::record::Model],
}

/// What is wrong with `member`, each with its detail in words. While it is out of service as was announced, nobody is
/// told of anything but of what is never meant.
pub fn of(member: &Member, outside: FromOutside<'_>) -> Vec<(Kind, String)> {
    let mut found = all(member, outside);
    if member.back_at.is_some() {
        found.retain(|(kind, _)| matches!(kind, Kind::Doubled | Kind::Forged));
    }
    found
}

fn all(member: &Member, outside: FromOutside<'_>) -> Vec<(Kind, String)> {
    let FromOutside { recalls, probes } = outside;
    let is_expected = !matches!(member.state, LinkState::New | LinkState::Paused);
    if !is_expected {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Some(words) = &member.doubled {
        found.push((Kind::Doubled, words.clone()));
    }
    for probe in probes {
        match (probe.kind(), probe.outcome()) {
            (_, Outcome::Forged) => found.push((Kind::Forged, probe.detail.clone())),
            (Some(probes::record::Kind::Certificate), Outcome::Bad | Outcome::Fading) => {
                found.push((Kind::Certificate, probe.detail.clone()));
            }
            _ => {}
        }
    }
    if recalls > 0 {
        found.push((
            Kind::Recall,
            format!("{recalls} bài bị thu hồi chưa được xác nhận đã gỡ"),
        ));
    }
    match member.state {
        LinkState::Lost => {
            let words = match member.last_contact {
                Some(at) => format!("lần cuối liên lạc lúc {}", moment(at)),
                None => "chưa liên lạc lần nào".to_owned(),
            };
            found.push((Kind::Lost, words));
        }
        LinkState::Late => {
            let waiting = member.waiting().items;
            let words = match waiting {
                0 => "liên lạc không đều".to_owned(),
                waiting => format!("{waiting} mục chờ gửi tới"),
            };
            found.push((Kind::Late, words));
        }
        LinkState::New | LinkState::Online | LinkState::Paused => {}
    }
    if let Some(skew) = member.wrong_clock() {
        found.push((
            Kind::Clock,
            format!("{} so với giờ của tỉnh", wrong_by(skew)),
        ));
    }
    if let Some(backup) = member.backup.as_ref().filter(|backup| backup.is_red) {
        let words = match (&backup.wrong, backup.at) {
            (Some(wrong), _) => wrong.clone(),
            (None, Some(at)) => format!("bản mới nhất từ {}", moment(at)),
            (None, None) => "chưa có bản nào".to_owned(),
        };
        found.push((Kind::Backup, words));
    }
    if member.refused > 0 {
        found.push((
            Kind::Refused,
            format!("{} mục cần người xem", member.refused),
        ));
    }
    if member.missing > 0 {
        found.push((
            Kind::Missing,
            format!("{} tin có trên trang mà chưa gửi về tỉnh", member.missing),
        ));
    }
    if member.content.silence == Silence::TooLong {
        let days = member.content.silent_days.unwrap_or_default();
        let limit = member.silent_limit();
        found.push((
            Kind::Silent,
            format!("{days} ngày không có tin mới, hạn mức {limit} ngày"),
        ));
    }
    if !member.content.to_disclose.is_empty() {
        found.push((Kind::Disclosure, member.content.to_disclose.join("; ")));
    }
    found
}

fn moment(at: i64) -> String {
    vietnamese::date_time(from_millis(at))
}
