//! What is technically wrong with a text before it goes out: taken from somewhere that is not named, links
//! that lead nowhere, pictures of nobody. Code of others and macros have no way in: the cleaner and the
//! intake of files see to that.

use super::{draft, publish};
use crate::entries::record;
use crate::error::{FieldError, Result};
use crate::log::Digest;
use regex::Regex;
use sea_orm::ConnectionTrait;
use std::net::IpAddr;
use std::sync::LazyLock;
use url::{Host, Url};

/// How a line looks that names where a text was taken from.
static NAMES_A_SOURCE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)^(?:\((?:theo|nguồn|trích)[\s:]+[^()]{2,80}\)|nguồn\s*:\s*\S.{1,80}|theo\s*:\s*\S.{1,80})\.?$";
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("{error}"))
});

/// That a text says where it was taken from and its form does not: readers and other sites are told by
/// the form.
pub fn unsourced(draft: &draft::Model) -> Option<FieldError> {
    if draft.source().is_some() {
        return None;
    }
    let body = draft.body_html();
    let lines = crate::entries::body::plain_text(body.as_str());
    let line = lines
        .lines()
        .map(str::trim)
        .find(|line| NAMES_A_SOURCE.is_match(line))?;
    let words =
        format!("Trong bài có dòng “{line}” mà ô Nguồn còn trống. Hãy ghi tên nguồn vào ô này.");
    Some(FieldError::new("source", words))
}

/// That pictures are shown of which nobody says who made them; readers may ask.
pub fn uncredited(draft: &draft::Model) -> Option<String> {
    let extra = draft.extra();
    let lead = draft.lead_picture();
    let without = extra.pictures.iter().chain(&lead);
    let without = without
        .filter(|picture| !picture.decorates && picture.credit.is_none())
        .count();
    (without > 0).then(|| format!("{without} ảnh chưa ghi người chụp hoặc nguồn ảnh."))
}

/// The links of a text that no reader could follow.
pub async fn dead_links<C: ConnectionTrait>(
    db: &C,
    draft: &draft::Model,
) -> Result<Vec<FieldError>> {
    let html = draft.body_html();
    let mut dead = Vec::new();
    for link in links_in(html.as_str()) {
        let why = match target(&link) {
            Target::Elsewhere => continue,
            Target::Nobody => "chỉ mở được trên máy hoặc mạng của bạn",
            Target::Entry(id) if id == draft.entry_id => continue,
            Target::Entry(id) => match record::find(db, id).await? {
                Some(entry) if entry.is_live() => continue,
                _ => "dẫn tới bài chưa đăng hoặc đã gỡ",
            },
            Target::Medium(digest) => match publish::here(db, digest).await? {
                Some(_) => continue,
                None => "dẫn tới tệp không còn trong kho",
            },
        };
        let words = format!("Liên kết {link} {why}. Hãy sửa hoặc bỏ liên kết này.");
        dead.push(FieldError::new("body", words));
    }
    Ok(dead)
}

/// Where a link leads, as far as it can be judged here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// An entry, by the end of its path.
    Entry(uuid::Uuid),
    /// A file of this site.
    Medium(Digest),
    /// A machine only its owner sees.
    Nobody,
    /// Somewhere that is not looked at: other sites come and go.
    Elsewhere,
}

fn target(link: &str) -> Target {
    let Some(path) = link.strip_prefix('/') else {
        return match Url::parse(link) {
            Ok(url) if is_private(&url) => Target::Nobody,
            _ => Target::Elsewhere,
        };
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    if let Some(hex) = path.strip_prefix("media/sha256/") {
        let digest = Digest::from_hex(hex.get(..64).unwrap_or(hex));
        return digest.map_or(Target::Elsewhere, Target::Medium);
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    record::id_from_slug(last).map_or(Target::Elsewhere, Target::Entry)
}

fn is_private(url: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    match url.host() {
        Some(Host::Ipv4(address)) => !crate::http_client::is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !crate::http_client::is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.contains('.') || name.ends_with(".local") || name.ends_with(".localhost")
        }
        None => true,
    }
}

/// The addresses clean HTML links to, each once.
fn links_in(html: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for rest in html.split("href=\"").skip(1) {
        let link = rest
            .split('"')
            .next()
            .unwrap_or_default()
            .replace("&amp;", "&");
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_names_a_source_is_told_from_a_sentence() {
        for line in [
            "(Theo Báo Quảng Ngãi)",
            "(Nguồn: TTXVN)",
            "Nguồn: Cổng thông tin điện tử Chính phủ",
            "Theo: Báo Nhân Dân.",
        ] {
            assert!(NAMES_A_SOURCE.is_match(line), "{line}");
        }
        for line in [
            "Theo thống kê của Phòng Kinh tế, năng suất cà phê vụ này ước đạt 14,8 tạ.",
            "Nguồn nước sạch về tới thôn 9",
            "Nguồn: ",
            "Bà con (theo tập quán) gùi lúa về, rồi phơi trên sân.",
        ] {
            assert!(!NAMES_A_SOURCE.is_match(line), "{line}");
        }
    }

    #[test]
    fn where_a_link_leads_is_seen_by_its_address() {
        let id = uuid::Uuid::now_v7();
        let path = record::path_of(crate::entries::Kind::Article, "Mùa cà phê", id);
        let hex = "ab".repeat(32);
        let digest = Digest::from_hex(&hex).expect("a digest");
        let cases = [
            (path.clone(), Target::Entry(id)),
            (format!("{path}?xem=1#cuoi"), Target::Entry(id)),
            (format!("/media/sha256/{hex}"), Target::Medium(digest)),
            ("/tin-tuc".to_owned(), Target::Elsewhere),
            ("#cuoi".to_owned(), Target::Elsewhere),
            ("mailto:ubnd@konbraih.example".to_owned(), Target::Elsewhere),
            ("https://chinhphu.vn/1".to_owned(), Target::Elsewhere),
            ("http://localhost:8801/a".to_owned(), Target::Nobody),
            ("http://192.168.1.5/a".to_owned(), Target::Nobody),
            ("http://may-chu/a".to_owned(), Target::Nobody),
        ];
        for (link, expected) in cases {
            assert_eq!(target(&link), expected, "{link}");
        }
    }

    #[test]
    fn each_address_is_looked_at_once() {
        let html = "<p><a href=\"/a?b=1&amp;c=2\">x</a> <a href=\"/a?b=1&amp;c=2\">y</a></p>";
        assert_eq!(links_in(html), ["/a?b=1&c=2"]);
    }
}
