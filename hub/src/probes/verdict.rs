//! What was seen of a member from outside, as it is to be taken. Pure: what was seen in, findings out.

use super::record::{Found, Kind, Outcome};
use super::shown::Shown;
use chrono::{DateTime, Utc};
use shared::http_client::{Certificate, Distrust, Door, Shut};
use shared::vietnamese;
use std::time::Duration;

/// A certificate that holds for no longer is to be renewed now: what renews it by itself has done so before.
pub const DAYS_LEFT: i64 = 14;
/// A front page that begins within this is quick, and within that still bearable.
const QUICK: Duration = Duration::from_secs(1);
const BEARABLE: Duration = Duration::from_secs(3);

/// What was seen of a member.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Whether its address begins with https.
    pub is_https: bool,
    /// Whether it speaks the protocol: then its feed is ours to read, and what it shows is signed.
    pub is_native: bool,
    /// Whether it said that nobody can call it.
    pub is_pull: bool,
    /// How far one comes before anything is asked.
    pub door: Door,
    /// Its front page; in words why there is none.
    pub front: Option<Result<Front, String>>,
    /// How much its feed holds; in words why it cannot be read.
    pub feed: Option<Result<usize, String>>,
    /// What it shows of an entry; none if it has none.
    pub entry: Option<Entry>,
}

/// A front page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    /// How long it took to begin.
    pub began_after: Duration,
    /// How large it is.
    pub bytes: u64,
    /// Whether the province shows it in the member's stead.
    pub is_stood_in: bool,
}

/// What is shown of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its title as it counts.
    pub title: String,
    /// Its page.
    pub page: Shown,
    /// The item of the feed, if it is among the newest.
    pub item: Option<Shown>,
}

impl Seen {
    /// Whether anybody came as far as a page of it.
    pub fn is_reached(&self) -> bool {
        self.door.shut.is_none() && matches!(self.front, Some(Ok(_)))
    }
}

/// What it comes to at the time `now`.
pub fn of(seen: &Seen, now: DateTime<Utc>) -> Vec<Found> {
    let kinds = Kind::ALL
        .into_iter()
        .filter(|kind| seen.is_native || !matches!(kind, Kind::Feed | Kind::Content));
    if seen.is_pull && !seen.is_reached() {
        let behind = "không kiểm tra được từ ngoài: đơn vị chỉ gọi ra, không ai gọi vào được";
        return kinds.map(|kind| unknown(kind, behind)).collect();
    }
    kinds.map(|kind| one(kind, seen, now)).collect()
}

/// The same where nothing can be said against anybody, in words why.
pub fn excused(found: Vec<Found>, why: &str) -> Vec<Found> {
    let mut found = found;
    for one in &mut found {
        if one.outcome != Outcome::Good {
            one.outcome = Outcome::Unknown;
            why.clone_into(&mut one.detail);
        }
    }
    found
}

fn one(kind: Kind, seen: &Seen, now: DateTime<Utc>) -> Found {
    match kind {
        Kind::Https => https(seen),
        Kind::Certificate => certificate(seen, now),
        Kind::Ipv6 => ipv6(seen),
        Kind::Feed => feed(seen),
        Kind::Speed => speed(seen),
        Kind::Content => content(seen),
    }
}

fn found(kind: Kind, outcome: Outcome, detail: impl Into<String>) -> Found {
    Found {
        kind,
        outcome,
        detail: detail.into(),
        value: None,
    }
}

fn unknown(kind: Kind, why: &str) -> Found {
    found(kind, Outcome::Unknown, why)
}

fn https(seen: &Seen) -> Found {
    let bad = |why: String| found(Kind::Https, Outcome::Bad, why);
    if let Some(shut) = seen.door.shut {
        return bad(shut_in_words(shut).to_owned());
    }
    if let Some(distrust) = distrust_of(seen) {
        return bad(distrust_in_words(distrust).to_owned());
    }
    match &seen.front {
        None => bad("trang chủ không trả lời".to_owned()),
        Some(Err(why)) => bad(why.clone()),
        Some(Ok(front)) if front.is_stood_in => {
            bad("trang không trả lời; cổng tỉnh đang hiển thị thay".to_owned())
        }
        Some(Ok(_)) if !seen.is_https => {
            bad("trang trả lời, nhưng địa chỉ còn dùng http, chưa có HTTPS".to_owned())
        }
        Some(Ok(_)) => found(Kind::Https, Outcome::Good, "trang trả lời qua HTTPS"),
    }
}

fn distrust_of(seen: &Seen) -> Option<Distrust> {
    seen.door.certificate.as_ref()?.distrust
}

/// Why nobody came in.
pub fn shut_in_words(shut: Shut) -> &'static str {
    match shut {
        Shut::Refused => "địa chỉ này không được phép kết nối",
        Shut::NoAddress => "tên miền không dẫn tới địa chỉ nào",
        Shut::PrivateAddress => "tên miền chỉ dẫn tới địa chỉ mạng nội bộ",
        Shut::NobodyThere => "máy chủ không nhận kết nối",
        Shut::Silent => "máy chủ không trả lời trong thời gian chờ",
        Shut::NoTls => "máy chủ không nói được HTTPS",
    }
}

/// Why a certificate is not believed.
pub fn distrust_in_words(distrust: Distrust) -> &'static str {
    match distrust {
        Distrust::Expired => "chứng thư đã hết hạn",
        Distrust::NotYet => "chứng thư chưa đến ngày có hiệu lực",
        Distrust::OtherName => "chứng thư cấp cho tên miền khác",
        Distrust::UnknownIssuer => {
            "chứng thư không do tổ chức được trình duyệt tin cậy cấp, hoặc thiếu chứng thư trung gian"
        }
        Distrust::Malformed => "chứng thư không hợp lệ",
    }
}

fn certificate(seen: &Seen, now: DateTime<Utc>) -> Found {
    let kind = Kind::Certificate;
    let Some(shown) = &seen.door.certificate else {
        return unknown(kind, "không có chứng thư để xem");
    };
    let days = days_left(shown, now);
    let (outcome, detail) = match (shown.distrust, shown.holds_until) {
        (Some(distrust), until) => {
            let words = distrust_in_words(distrust);
            let detail = match until.filter(|_| distrust == Distrust::Expired) {
                Some(until) => format!("{words} từ {}", vietnamese::date(until)),
                None => words.to_owned(),
            };
            (Outcome::Bad, detail)
        }
        (None, Some(until)) => {
            let left = days.unwrap_or_default();
            let detail = format!("còn {left} ngày, đến {}", vietnamese::date(until));
            let outcome = match left <= DAYS_LEFT {
                true => Outcome::Fading,
                false => Outcome::Good,
            };
            (outcome, detail)
        }
        (None, None) => (Outcome::Good, "trình duyệt tin cậy".to_owned()),
    };
    Found {
        value: days,
        ..found(kind, outcome, detail)
    }
}

/// How many whole days a certificate still holds.
pub fn days_left(certificate: &Certificate, now: DateTime<Utc>) -> Option<i64> {
    certificate
        .holds_until
        .map(|until| (until - now).num_days())
}

fn ipv6(seen: &Seen) -> Found {
    if seen.door.addresses.is_empty() {
        return unknown(Kind::Ipv6, "tên miền không dẫn tới địa chỉ nào");
    }
    match seen.door.addresses.iter().find(|ip| ip.is_ipv6()) {
        Some(ip) => found(Kind::Ipv6, Outcome::Good, ip.to_string()),
        None => found(
            Kind::Ipv6,
            Outcome::Bad,
            "tên miền chưa có địa chỉ IPv6 (bản ghi AAAA)",
        ),
    }
}

fn feed(seen: &Seen) -> Found {
    match &seen.feed {
        None => unknown(Kind::Feed, "không vào được trang để đọc"),
        Some(Ok(items)) => found(
            Kind::Feed,
            Outcome::Good,
            format!("đọc được, {items} mục mới nhất"),
        ),
        Some(Err(why)) => found(Kind::Feed, Outcome::Bad, why.clone()),
    }
}

fn speed(seen: &Seen) -> Found {
    let Some(Ok(front)) = &seen.front else {
        return unknown(Kind::Speed, "không vào được trang để đo");
    };
    let took = front.began_after;
    let outcome = match took {
        _ if took <= QUICK => Outcome::Good,
        _ if took <= BEARABLE => Outcome::Fading,
        _ => Outcome::Bad,
    };
    let millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    Found {
        value: Some(millis),
        ..found(
            Kind::Speed,
            outcome,
            format!(
                "bắt đầu hiện sau {},{} giây, trang chủ {}",
                millis / 1_000,
                millis % 1_000 / 100,
                vietnamese::bytes(front.bytes)
            ),
        )
    }
}

fn content(seen: &Seen) -> Found {
    let kind = Kind::Content;
    if !seen.is_reached() {
        return unknown(kind, "không vào được trang để đối chiếu");
    }
    let Some(entry) = &seen.entry else {
        return unknown(kind, "chưa có bài nào để đối chiếu");
    };
    let title = &entry.title;
    let both = [Some(entry.page), entry.item];
    let mut shown = both.into_iter().flatten();
    if shown.clone().any(|one| one == Shown::Forged) {
        let where_ = match (entry.page, entry.item) {
            (Shown::Forged, Some(Shown::Forged)) => "trang bài và nguồn tin",
            (Shown::Forged, _) => "trang bài",
            _ => "nguồn tin",
        };
        let detail = format!("{where_} của bài “{title}” hiện nội dung mà đơn vị chưa bao giờ ký");
        return found(kind, Outcome::Forged, detail);
    }
    for one in shown.clone() {
        let detail = match one {
            Shown::Older(rev) => format!(
                "bài “{title}” còn hiện bản cũ (bản {rev}); thường do bộ nhớ đệm ở máy chủ trung gian"
            ),
            Shown::Missing => format!("bài “{title}” đã ký nhưng trang không hiện"),
            _ => continue,
        };
        return found(kind, Outcome::Bad, detail);
    }
    if shown.all(|one| one == Shown::Unknown) {
        return unknown(kind, "trang bài không đọc được để đối chiếu");
    }
    found(
        kind,
        Outcome::Good,
        format!("bài “{title}” hiện đúng bản đã ký"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn now() -> DateTime<Utc> {
        shared::testing::noon()
    }

    fn well() -> Seen {
        Seen {
            is_https: true,
            is_native: true,
            is_pull: false,
            door: Door {
                addresses: vec!["1.2.3.4".parse().unwrap(), "2001:4860::1".parse().unwrap()],
                reached_in: Some(Duration::from_millis(20)),
                certificate: Some(Certificate {
                    holds_from: None,
                    holds_until: Some(now() + TimeDelta::days(60)),
                    distrust: None,
                }),
                shut: None,
            },
            front: Some(Ok(Front {
                began_after: Duration::from_millis(430),
                bytes: 58_000,
                is_stood_in: false,
            })),
            feed: Some(Ok(20)),
            entry: Some(Entry {
                title: "Tin".to_owned(),
                page: Shown::Current,
                item: Some(Shown::Current),
            }),
        }
    }

    fn outcomes(seen: &Seen) -> Vec<(Kind, Outcome)> {
        let found = of(seen, now()).into_iter();
        found.map(|one| (one.kind, one.outcome)).collect()
    }

    fn without(certificate: Certificate) -> Door {
        Door {
            certificate: Some(certificate),
            ..well().door
        }
    }

    #[test]
    fn what_was_seen_comes_to_what_people_should_know() {
        use Outcome::{Bad, Fading, Forged, Good, Unknown};
        let until = |days: i64, distrust| {
            without(Certificate {
                holds_from: None,
                holds_until: Some(now() + TimeDelta::days(days)),
                distrust,
            })
        };
        let shows = |page, item| Seen {
            entry: Some(Entry {
                title: "Tin".to_owned(),
                page,
                item,
            }),
            ..well()
        };
        let unreachable = Seen {
            door: Door {
                addresses: vec!["1.2.3.4".parse().unwrap()],
                shut: Some(Shut::Silent),
                ..Door::default()
            },
            front: None,
            feed: None,
            entry: None,
            ..well()
        };
        // HTTPS, certificate, IPv6, feed, speed, content.
        for (story, seen, expected) in [
            ("well", well(), [Good, Good, Good, Good, Good, Good]),
            (
                "its certificate ends soon",
                Seen {
                    door: until(14, None),
                    ..well()
                },
                [Good, Fading, Good, Good, Good, Good],
            ),
            (
                "its certificate is over",
                Seen {
                    door: until(-3, Some(Distrust::Expired)),
                    front: None,
                    feed: None,
                    entry: None,
                    ..well()
                },
                [Bad, Bad, Good, Unknown, Unknown, Unknown],
            ),
            (
                "nobody answers",
                unreachable.clone(),
                [Bad, Unknown, Bad, Unknown, Unknown, Unknown],
            ),
            (
                "nobody answers, as it said",
                Seen {
                    is_pull: true,
                    ..unreachable.clone()
                },
                [Unknown; 6],
            ),
            (
                "it said so, and answers all the same",
                Seen {
                    is_pull: true,
                    ..well()
                },
                [Good; 6],
            ),
            (
                "the province stands in for it",
                Seen {
                    front: Some(Ok(Front {
                        began_after: Duration::from_millis(1_500),
                        bytes: 1,
                        is_stood_in: true,
                    })),
                    feed: Some(Err("phản hồi bị ngắt giữa chừng".to_owned())),
                    ..well()
                },
                [Bad, Good, Good, Bad, Fading, Good],
            ),
            (
                "no HTTPS",
                Seen {
                    is_https: false,
                    door: Door {
                        certificate: None,
                        ..well().door
                    },
                    ..well()
                },
                [Bad, Unknown, Good, Good, Good, Good],
            ),
            (
                "its page was changed",
                shows(Shown::Forged, Some(Shown::Current)),
                [Good, Good, Good, Good, Good, Forged],
            ),
            (
                "its feed was changed, and the page is old",
                shows(Shown::Older(1), Some(Shown::Forged)),
                [Good, Good, Good, Good, Good, Forged],
            ),
            (
                "its page is old",
                shows(Shown::Older(1), Some(Shown::Current)),
                [Good, Good, Good, Good, Good, Bad],
            ),
            (
                "it is ahead of what came here",
                shows(Shown::Newer(3), None),
                [Good, Good, Good, Good, Good, Good],
            ),
            (
                "it shows nothing",
                shows(Shown::Missing, None),
                [Good, Good, Good, Good, Good, Bad],
            ),
            (
                "it published nothing",
                Seen {
                    entry: None,
                    ..well()
                },
                [Good, Good, Good, Good, Good, Unknown],
            ),
        ] {
            let expected: Vec<(Kind, Outcome)> = Kind::ALL.into_iter().zip(expected).collect();
            assert_eq!(outcomes(&seen), expected, "{story}");
        }
        let foreign = Seen {
            is_native: false,
            feed: None,
            entry: None,
            ..well()
        };
        assert_eq!(
            outcomes(&foreign),
            [
                (Kind::Https, Good),
                (Kind::Certificate, Good),
                (Kind::Ipv6, Good),
                (Kind::Speed, Good)
            ],
            "of a portal that is not ours, what is asked of every portal"
        );
        let excused = excused(of(&unreachable, now()), "đường truyền của tỉnh");
        assert!(excused.iter().all(|one| one.outcome == Unknown));
    }

    #[test]
    fn what_is_told_is_in_words_of_people() {
        let found = of(&well(), now());
        let told: Vec<&str> = found.iter().map(|one| one.detail.as_str()).collect();
        assert_eq!(told[1], "còn 60 ngày, đến 22/01/2027");
        assert!(
            told[4].starts_with("bắt đầu hiện sau 0,4 giây"),
            "{}",
            told[4]
        );
        assert_eq!((found[1].value, found[4].value), (Some(60), Some(430)));
    }
}
