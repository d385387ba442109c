//! What was observed on the way to a peer, as findings: each with its cause and what to do. Pure.

use crate::http_client::{Certificate, Distrust, Door, Shut};
use crate::sync::advice;
use crate::vietnamese;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A certificate that holds for no longer is to be renewed now.
const DAYS_LEFT: i64 = 14;
/// Clocks that differ by more than this are to be set; by more than that, requests are refused.
const SKEW: TimeDelta = TimeDelta::seconds(10);
const LARGEST_SKEW: TimeDelta = TimeDelta::seconds(60);

/// A step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Its name leads to an address.
    Name,
    /// Somebody listens there.
    Port,
    /// It shows a certificate that is believed.
    Certificate,
    /// It verifies what we sign.
    Request,
    /// What it answers proves to be its own.
    Answer,
    /// Its clock agrees with ours.
    Clock,
    /// The largest batch gets through.
    Body,
}

impl Step {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Tên miền",
            Self::Port => "Kết nối",
            Self::Certificate => "Chứng thư bảo mật",
            Self::Request => "Chữ ký gửi đi",
            Self::Answer => "Chữ ký trả về",
            Self::Clock => "Đồng hồ",
            Self::Body => "Gói tin lớn",
        }
    }
}

/// How a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Well,
    /// It works, and somebody should do something about it.
    Doubtful,
    /// It does not work.
    Ill,
    /// It was not come to.
    Skipped,
}

impl Health {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "Tốt",
            Self::Doubtful => "Cần lưu ý",
            Self::Ill => "Hỏng",
            Self::Skipped => "Chưa kiểm tra",
        }
    }
}

/// What was found at one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Where.
    pub step: Step,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// What was observed.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The name of the peer's host.
    pub host: String,
    /// Whether its address begins with https.
    pub is_https: bool,
    /// Whether the peer said that nobody can call it.
    pub is_pull: bool,
    /// How far one comes before anything is asked.
    pub door: Door,
    /// What became of a greeting.
    pub hello: Option<Hello>,
    /// What became of a large body.
    pub body: Option<Body>,
}

/// What became of a signed greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hello {
    /// It was answered, and the answer is the peer's own.
    Signed {
        /// Its clock minus ours.
        skew_ms: i64,
        /// What it runs.
        software: String,
    },
    /// It was answered, and the answer does not prove to be the peer's.
    Unproved {
        /// What is wrong with its signature.
        why: String,
        /// Whether there is one.
        has_signature: bool,
        /// Whether there is a digest of what was said.
        has_digest: bool,
    },
    /// Somebody who speaks the protocol declined.
    Declined {
        /// Why, by name.
        slug: String,
        /// In words.
        detail: String,
        /// Its clock minus ours, as the head of its answer says.
        skew_ms: Option<i64>,
    },
    /// Somebody answered who does not speak the protocol.
    Foreign {
        /// With which status.
        status: u16,
        /// What it calls itself.
        server: Option<String>,
    },
    /// No answer, in words why.
    Nothing(String),
}

/// What became of a body as large as the largest batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The peer read all of it.
    Taken,
    /// The peer itself takes less.
    TooLarge,
    /// Somebody else answered before.
    CutOff {
        /// With which status.
        status: u16,
    },
    /// The line broke, in words how.
    Broken(String),
}

/// What `observed` comes to at the time `now`: a finding for every step, in order. Where nobody was to get in,
/// nobody getting in is no finding.
pub fn findings(observed: &Observed, now: DateTime<Utc>) -> Vec<Finding> {
    if observed.is_pull && observed.door.shut.is_some() {
        return vec![Finding {
            health: Health::Skipped,
            advice: Some("Khám từ máy của đơn vị: lien-cong member … doctor".to_owned()),
            ..well(
                Step::Port,
                "đơn vị nối theo kiểu pull: chỉ gọi ra, không ai gọi vào được, nên không khám được từ đây",
            )
        }];
    }
    vec![
        name(observed),
        port(observed),
        certificate(observed, now),
        request(observed),
        answer(observed),
        clock(observed),
        body(observed),
    ]
}

/// The findings as lines for whoever reads them in a terminal.
pub fn in_words(findings: &[Finding]) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let (word, label) = (finding.health.word(), finding.step.label());
        lines.push(format!("[{word}] {label}: {}", finding.found));
        if let Some(advice) = &finding.advice {
            lines.push(format!("    → {advice}"));
        }
    }
    lines.join("\n")
}

fn well(step: Step, found: impl Into<String>) -> Finding {
    Finding {
        step,
        health: Health::Well,
        found: found.into(),
        advice: None,
    }
}

fn ill(step: Step, found: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding {
        health: Health::Ill,
        advice: Some(advice.into()),
        ..well(step, found)
    }
}

fn doubtful(step: Step, found: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding {
        health: Health::Doubtful,
        ..ill(step, found, advice)
    }
}

fn skipped(step: Step) -> Finding {
    Finding {
        health: Health::Skipped,
        ..well(step, "chưa kiểm tra được vì bước trước hỏng")
    }
}

fn name(observed: &Observed) -> Finding {
    let (door, host) = (&observed.door, &observed.host);
    match door.shut {
        Some(Shut::NoAddress) => ill(
            Step::Name,
            format!("{host} không dẫn tới địa chỉ nào"),
            "Kiểm tra bản ghi A, AAAA ở nơi quản lý tên miền, và tên miền ghi trong base_url.",
        ),
        Some(Shut::Refused) => ill(
            Step::Name,
            format!("{host} là địa chỉ không được phép kết nối"),
            "Dùng cổng 443, hoặc ghi máy này vào mục allow trong settings.toml.",
        ),
        Some(Shut::PrivateAddress) => ill(
            Step::Name,
            format!("{host} chỉ dẫn tới địa chỉ mạng nội bộ"),
            "Trỏ tên miền tới địa chỉ công cộng của máy chủ.",
        ),
        _ => {
            let shown = door.addresses.iter().take(4).map(ToString::to_string);
            let shown = shown.collect::<Vec<_>>().join(", ");
            let found = format!("{host} dẫn tới {shown}");
            match door.addresses.iter().any(|ip| ip.is_ipv6()) {
                true => well(Step::Name, found),
                false => doubtful(
                    Step::Name,
                    format!("{found}; chưa có địa chỉ IPv6"),
                    "Thêm bản ghi AAAA nếu máy chủ có địa chỉ IPv6.",
                ),
            }
        }
    }
}

fn port(observed: &Observed) -> Finding {
    let door = &observed.door;
    match (door.reached_in, door.shut) {
        (Some(took), _) => well(
            Step::Port,
            format!("có máy chủ nhận kết nối sau {} ms", took.as_millis()),
        ),
        (None, Some(Shut::NobodyThere)) => ill(
            Step::Port,
            "máy chủ từ chối kết nối: không có chương trình nào nghe ở cổng này",
            "Bật máy chủ trung gian (systemctl status caddy) và kiểm tra nó nghe cổng 443.",
        ),
        (None, Some(Shut::Silent)) => ill(
            Step::Port,
            "không ai trả lời: gói tin bị bỏ giữa đường",
            "Kiểm tra máy có bật không, và tường lửa có mở cổng 443 cho bên ngoài không. Máy đứng sau NAT thì nối lại với --link pull.",
        ),
        (None, _) => skipped(Step::Port),
    }
}

fn certificate(observed: &Observed, now: DateTime<Utc>) -> Finding {
    let step = Step::Certificate;
    let door = &observed.door;
    if door.reached_in.is_none() {
        return skipped(step);
    }
    if !observed.is_https {
        return doubtful(
            step,
            "địa chỉ dùng http: nội dung đi trên mạng không được mã hóa",
            "Đặt Caddy phía trước và đổi base_url sang https.",
        );
    }
    match (&door.certificate, door.shut) {
        (Some(shown), _) => match shown.distrust {
            Some(distrust) => distrusted(distrust, shown, &observed.host),
            None => believed(shown, now),
        },
        (None, Some(Shut::NoTls)) => ill(
            step,
            "cổng này không nói HTTPS",
            "Cổng 443 phải do Caddy hoặc máy chủ trung gian khác nghe, không phải chương trình của trang.",
        ),
        (None, _) => ill(
            step,
            "máy chủ nhận kết nối rồi im lặng, không đưa chứng thư",
            "Khởi động lại máy chủ trung gian; nếu có tường lửa lọc HTTPS thì cho tên miền này đi qua.",
        ),
    }
}

fn distrusted(distrust: Distrust, shown: &Certificate, host: &str) -> Finding {
    let step = Step::Certificate;
    let on = |at: Option<DateTime<Utc>>| at.map(vietnamese::date).unwrap_or_default();
    match distrust {
        Distrust::Expired => ill(
            step,
            format!("chứng thư đã hết hạn {}", on(shown.holds_until)),
            "Gia hạn chứng thư. Caddy tự gia hạn khi cổng 80 và 443 mở ra ngoài: xem journalctl -u caddy.",
        ),
        Distrust::NotYet => ill(
            step,
            format!("chứng thư chưa có hiệu lực đến {}", on(shown.holds_from)),
            "Kiểm tra đồng hồ của hai máy; giờ đúng thì cấp lại chứng thư.",
        ),
        Distrust::OtherName => ill(
            step,
            format!("chứng thư không cấp cho {host}"),
            "Cấp chứng thư cho đúng tên miền này, hoặc sửa tên trong cấu hình của máy chủ trung gian.",
        ),
        Distrust::UnknownIssuer => ill(
            step,
            "chứng thư không do tổ chức được tin cậy cấp, hoặc thiếu chứng thư trung gian",
            "Cài đủ cả chuỗi chứng thư (fullchain), và không dùng chứng thư tự ký.",
        ),
        Distrust::Malformed => ill(
            step,
            "chứng thư không hợp lệ",
            "Cấp lại chứng thư; với Caddy, xóa chứng thư cũ rồi khởi động lại.",
        ),
    }
}

fn believed(shown: &Certificate, now: DateTime<Utc>) -> Finding {
    let step = Step::Certificate;
    let Some(until) = shown.holds_until else {
        return well(step, "được tin cậy");
    };
    let days = (until - now).num_days();
    let found = format!(
        "được tin cậy, còn {days} ngày (đến {})",
        vietnamese::date(until)
    );
    match days <= DAYS_LEFT {
        true => doubtful(
            step,
            found,
            "Gia hạn ngay. Nếu Caddy lẽ ra tự gia hạn: xem journalctl -u caddy, mở cổng 80 và 443.",
        ),
        false => well(step, found),
    }
}

fn request(observed: &Observed) -> Finding {
    let step = Step::Request;
    match &observed.hello {
        None => skipped(step),
        Some(Hello::Signed { software, .. }) => well(
            step,
            format!("bên kia ({software}) xác minh được chữ ký của bên này"),
        ),
        Some(Hello::Unproved { .. }) => well(step, "bên kia nhận yêu cầu và trả lời"),
        Some(Hello::Declined { slug, detail, .. }) => declined(slug, detail),
        Some(Hello::Foreign { status, server }) => foreign(*status, server.as_deref()),
        Some(Hello::Nothing(why)) => ill(step, why.clone(), advice::what_to_do("unreachable")),
    }
}

fn declined(slug: &str, detail: &str) -> Finding {
    let step = Step::Request;
    let whole = "Cho các phần đầu Signature, Signature-Input và Content-Digest đi qua nguyên vẹn; mẫu cấu hình đúng có trong deploy/caddy.";
    match slug {
        "signature-missing" | "component-missing" => ill(
            step,
            "bên kia không thấy đủ chữ ký: máy chủ trung gian ở đó bỏ bớt phần đầu của yêu cầu",
            whole,
        ),
        "signature-invalid" => ill(
            step,
            "chữ ký không khớp khi tới nơi: tên miền (Host), đường dẫn hoặc phần đầu bị sửa trên đường",
            "Giữ nguyên Host, đường dẫn và phần đầu ở máy chủ trung gian; base_url trong settings.toml ở đó phải đúng địa chỉ này.",
        ),
        "digest-mismatch" => ill(
            step,
            "nội dung bị sửa trên đường, không còn khớp mã băm",
            "Tắt mọi thứ sửa nội dung ở máy chủ trung gian: nén lại, quét, chèn.",
        ),
        _ => ill(step, format!("{detail} ({slug})"), advice::what_to_do(slug)),
    }
}

fn foreign(status: u16, server: Option<&str>) -> Finding {
    let who = server.map_or(String::new(), |server| format!(" ({server})"));
    let found = format!("máy chủ trả lời mã {status}{who}, không phải phần mềm Liên Cổng");
    let advice = match status {
        301 | 302 | 303 | 307 | 308 => {
            "Địa chỉ chuyển hướng đi nơi khác: base_url phải là địa chỉ cuối cùng, đúng https và đúng tên miền."
        }
        401 | 403 => {
            "Máy chủ trung gian hoặc tường lửa ứng dụng chặn: cho các đường dẫn /v1/ đi qua, không hỏi mật khẩu."
        }
        502..=504 => {
            "Máy chủ trung gian không nối được tới phần mềm: kiểm tra systemctl status lien-cong-member và cổng ghi trong Caddyfile."
        }
        _ => advice::what_to_do("not-found"),
    };
    ill(Step::Request, found, advice)
}

fn answer(observed: &Observed) -> Finding {
    let step = Step::Answer;
    match &observed.hello {
        Some(Hello::Signed { .. }) => well(step, "bên này xác minh được chữ ký của bên kia"),
        Some(Hello::Unproved {
            has_signature: false,
            ..
        }) => ill(
            step,
            "câu trả lời về tới đây không còn chữ ký: máy chủ trung gian bỏ phần đầu Signature",
            "Cho các phần đầu Signature, Signature-Input và Content-Digest của câu trả lời đi qua nguyên vẹn.",
        ),
        Some(Hello::Unproved {
            has_digest: false, ..
        }) => ill(
            step,
            "câu trả lời mất phần đầu Content-Digest",
            "Tắt nén và chỉnh sửa ở máy chủ trung gian: câu trả lời phải về nguyên như đã ký.",
        ),
        Some(Hello::Unproved { why, .. }) => ill(
            step,
            format!("câu trả lời không chứng minh được là của bên kia: {why}"),
            "Tắt nén và chỉnh sửa ở máy chủ trung gian. Nếu bên kia vừa đổi khóa mà không nối lại được, cần cấp mã kết nối mới.",
        ),
        Some(Hello::Declined { .. } | Hello::Foreign { .. } | Hello::Nothing(_)) | None => {
            skipped(step)
        }
    }
}

fn clock(observed: &Observed) -> Finding {
    let step = Step::Clock;
    let skew = match &observed.hello {
        Some(Hello::Signed { skew_ms, .. }) => Some(*skew_ms),
        Some(Hello::Declined { skew_ms, .. }) => *skew_ms,
        _ => None,
    };
    let Some(skew) = skew.map(TimeDelta::milliseconds) else {
        return skipped(step);
    };
    let way = match skew > TimeDelta::zero() {
        true => "nhanh",
        false => "chậm",
    };
    let tenths = skew.abs().num_milliseconds() / 100;
    let found = format!(
        "đồng hồ bên kia {way} {},{} giây so với bên này",
        vietnamese::grouped(tenths / 10),
        tenths % 10
    );
    let advice = "Bật đồng bộ giờ ở máy sai giờ: timedatectl set-ntp true.";
    match skew.abs() {
        off if off > LARGEST_SKEW => ill(step, found, advice),
        off if off > SKEW => doubtful(step, found, advice),
        _ => well(step, found),
    }
}

fn body(observed: &Observed) -> Finding {
    let step = Step::Body;
    let limit = "Nâng giới hạn nội dung lên 50 MB: Caddy request_body max_size 50MB, nginx client_max_body_size 50m.";
    match &observed.body {
        None => skipped(step),
        Some(Body::Taken) => well(step, "gói tin lớn nhất đi qua được"),
        Some(Body::TooLarge) => ill(
            step,
            "phần mềm bên kia nhận gói nhỏ hơn bên này gửi",
            advice::what_to_do("version-unsupported"),
        ),
        Some(Body::CutOff { status: 413 }) => ill(
            step,
            "máy chủ trung gian không cho gói tin lớn đi qua (mã 413)",
            limit,
        ),
        Some(Body::CutOff { status }) => ill(
            step,
            format!("gói tin lớn bị trả lời mã {status}, không phải từ phần mềm Liên Cổng"),
            limit,
        ),
        Some(Body::Broken(why)) => ill(
            step,
            format!("gói tin lớn không tới nơi: {why}"),
            "Máy chủ trung gian hoặc tường lửa cắt gói lớn, hoặc đường truyền quá chậm: nâng giới hạn nội dung lên 50 MB, thử lại khi mạng rảnh.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn now() -> DateTime<Utc> {
        crate::testing::noon()
    }

    fn door() -> Door {
        Door {
            addresses: vec!["1.2.3.4".parse().unwrap(), "2001:4860::1".parse().unwrap()],
            reached_in: Some(Duration::from_millis(20)),
            certificate: Some(Certificate {
                holds_from: None,
                holds_until: Some(now() + TimeDelta::days(60)),
                distrust: None,
            }),
            shut: None,
        }
    }

    fn whole() -> Observed {
        Observed {
            host: "konbraih.example".to_owned(),
            is_https: true,
            is_pull: false,
            door: door(),
            hello: Some(Hello::Signed {
                skew_ms: -420,
                software: "lien-cong/0.1.0".to_owned(),
            }),
            body: Some(Body::Taken),
        }
    }

    fn stopped(door: Door) -> Observed {
        Observed {
            door,
            hello: None,
            body: None,
            ..whole()
        }
    }

    #[test]
    fn who_only_calls_out_is_examined_from_its_own_side() {
        let behind = Observed {
            is_pull: true,
            ..stopped(Door {
                reached_in: None,
                certificate: None,
                shut: Some(Shut::Silent),
                ..door()
            })
        };
        let found = findings(&behind, now());
        assert_eq!((found.len(), found[0].health), (1, Health::Skipped));
        assert!(says(&found, "lien-cong member … doctor"));
        // It can be called all the same.
        let open = Observed {
            is_pull: true,
            ..whole()
        };
        assert_eq!(findings(&open, now()).len(), 7);
    }

    /// Whether any of what was found says this.
    fn says(found: &[Finding], words: &str) -> bool {
        in_words(found).contains(words)
    }

    #[test]
    fn every_trouble_is_found_where_it_is_and_comes_with_what_to_do() {
        use Health::{Doubtful, Ill, Skipped, Well};
        let shows = |distrust| {
            stopped(Door {
                certificate: Some(Certificate {
                    distrust: Some(distrust),
                    ..door().certificate.expect("one")
                }),
                ..door()
            })
        };
        let shut = |shut| {
            stopped(Door {
                addresses: match shut {
                    Shut::NoAddress => Vec::new(),
                    _ => door().addresses,
                },
                reached_in: None,
                certificate: None,
                shut: Some(shut),
            })
        };
        let hears = |hello| Observed {
            hello: Some(hello),
            ..whole()
        };
        let unproved = |has_signature, has_digest| {
            hears(Hello::Unproved {
                why: "chữ ký không khớp".to_owned(),
                has_signature,
                has_digest,
            })
        };
        let declined = |slug: &str, skew_ms| {
            hears(Hello::Declined {
                slug: slug.to_owned(),
                detail: "Không nhận".to_owned(),
                skew_ms,
            })
        };
        let foreign = |status| {
            hears(Hello::Foreign {
                status,
                server: Some("nginx".to_owned()),
            })
        };
        let large = |body| Observed {
            body: Some(body),
            ..whole()
        };
        let all_well = [Well; 7];
        let from = |first: usize, healths: &[Health]| {
            let mut all = all_well;
            all[first..first + healths.len()].copy_from_slice(healths);
            all
        };
        // Name, port, certificate, request, answer, clock, body.
        for (story, observed, expected, words) in [
            ("well", whole(), all_well, "0,4 giây"),
            (
                "no name",
                shut(Shut::NoAddress),
                [Ill, Skipped, Skipped, Skipped, Skipped, Skipped, Skipped],
                "bản ghi A, AAAA",
            ),
            (
                "a wall",
                shut(Shut::Silent),
                [Well, Ill, Skipped, Skipped, Skipped, Skipped, Skipped],
                "--link pull",
            ),
            (
                "nobody there",
                shut(Shut::NobodyThere),
                [Well, Ill, Skipped, Skipped, Skipped, Skipped, Skipped],
                "systemctl status caddy",
            ),
            (
                "only IPv4",
                Observed {
                    door: Door {
                        addresses: vec!["1.2.3.4".parse().unwrap()],
                        ..door()
                    },
                    ..whole()
                },
                from(0, &[Doubtful]),
                "AAAA",
            ),
            (
                "no HTTPS",
                Observed {
                    is_https: false,
                    door: Door {
                        certificate: None,
                        ..door()
                    },
                    ..whole()
                },
                from(2, &[Doubtful]),
                "không được mã hóa",
            ),
            (
                "over",
                shows(Distrust::Expired),
                from(2, &[Ill, Skipped, Skipped, Skipped, Skipped]),
                "journalctl -u caddy",
            ),
            (
                "another's",
                shows(Distrust::OtherName),
                from(2, &[Ill, Skipped, Skipped, Skipped, Skipped]),
                "không cấp cho konbraih.example",
            ),
            (
                "a chain with a gap",
                shows(Distrust::UnknownIssuer),
                from(2, &[Ill, Skipped, Skipped, Skipped, Skipped]),
                "fullchain",
            ),
            (
                "no TLS",
                stopped(Door {
                    certificate: None,
                    shut: Some(Shut::NoTls),
                    ..door()
                }),
                from(2, &[Ill, Skipped, Skipped, Skipped, Skipped]),
                "không nói HTTPS",
            ),
            (
                "soon over",
                Observed {
                    door: Door {
                        certificate: Some(Certificate {
                            holds_from: None,
                            holds_until: Some(now() + TimeDelta::days(9)),
                            distrust: None,
                        }),
                        ..door()
                    },
                    ..whole()
                },
                from(2, &[Doubtful]),
                "còn 9 ngày",
            ),
            (
                "headers of the request are dropped",
                declined("signature-missing", Some(0)),
                from(3, &[Ill, Skipped]),
                "bỏ bớt phần đầu",
            ),
            (
                "the request is rewritten",
                declined("signature-invalid", Some(0)),
                from(3, &[Ill, Skipped]),
                "Host",
            ),
            (
                "the clock is wrong",
                declined("clock-skew", Some(125_300)),
                from(3, &[Ill, Skipped, Ill]),
                "nhanh 125,3 giây",
            ),
            (
                "it is suspended",
                declined("site-suspended", None),
                from(3, &[Ill, Skipped, Skipped]),
                "tạm dừng",
            ),
            (
                "nothing behind the proxy",
                foreign(502),
                from(3, &[Ill, Skipped, Skipped]),
                "systemctl status lien-cong-member",
            ),
            (
                "sent elsewhere",
                foreign(301),
                from(3, &[Ill, Skipped, Skipped]),
                "địa chỉ cuối cùng",
            ),
            (
                "headers of the answer are dropped",
                unproved(false, true),
                from(4, &[Ill, Skipped]),
                "không còn chữ ký",
            ),
            (
                "the answer is packed anew",
                unproved(true, false),
                from(4, &[Ill, Skipped]),
                "Tắt nén",
            ),
            (
                "a stranger's answer",
                unproved(true, true),
                from(4, &[Ill, Skipped]),
                "mã kết nối mới",
            ),
            (
                "a small hole",
                large(Body::CutOff { status: 413 }),
                from(6, &[Ill]),
                "client_max_body_size",
            ),
            (
                "a line that breaks",
                large(Body::Broken("quá thời gian chờ".to_owned())),
                from(6, &[Ill]),
                "quá thời gian chờ",
            ),
        ] {
            let found = findings(&observed, now());
            let healths: Vec<Health> = found.iter().map(|finding| finding.health).collect();
            assert_eq!(healths, expected, "{story}: {}", in_words(&found));
            assert!(says(&found, words), "{story}: {}", in_words(&found));
            for finding in &found {
                let is_trouble = matches!(finding.health, Ill | Doubtful);
                assert_eq!(finding.advice.is_some(), is_trouble, "{story}: {finding:?}");
            }
            let kept = serde_json::to_string(&found).expect("JSON");
            let read: Vec<Finding> = serde_json::from_str(&kept).expect("findings");
            assert_eq!(read, found);
        }
    }
}
