//! `/quan-tri/don-vi/moi`: a new unit and its site, and the code that is shown once.

use super::bundle;
use crate::feed_import::source;
use crate::members::invitation::LIFETIME;
use crate::members::registry::{self, NewMember};
use crate::reorganisation::plan::value_on;
use axum::extract::{Form, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::directory::{Mode, site_record};
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::{EnrolPage, EnrolledPage};
use shared::pages::view::{Choice, FormErrors};
use shared::units::attribute::{self, Attribute, Name};
use shared::vietnamese::{self, nfc};
use url::Url;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/don-vi/moi";

/// The form for a unit that is known and has no portal.
pub(super) fn path_for(unit: Uuid) -> String {
    format!("{PATH}?don-vi={unit}")
}

const KINDS: [(&str, &str); 5] = [
    ("xa", "Xã"),
    ("phuong", "Phường"),
    ("dac_khu", "Đặc khu"),
    ("so", "Sở, ban, ngành"),
    ("don_vi_su_nghiep", "Đơn vị sự nghiệp"),
];
const CONNECTIONS: [(&str, &str); 2] = [
    (
        "native",
        "Cài phần mềm Liên Cổng: nhận mã kết nối dùng một lần",
    ),
    (
        "feed",
        "Dùng phần mềm khác: cổng tỉnh đọc qua RSS hoặc Atom",
    ),
];
/// How often the feed of a foreign portal is read.
const FEED_SCHEDULE: &str = "0 */10 * * * *";
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;

/// What is filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    unit: String,
    name: String,
    unit_kind: String,
    gso_code: String,
    host: String,
    connection: String,
    feed_url: String,
    contact: String,
}

/// Whose portal is to be entered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "don-vi")]
    unit: String,
}

pub(super) async fn begin(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let filled = match known(&at, &asked.unit).await? {
        Some((id, attributes)) => {
            let today = vietnamese::local(at.site.clock.now()).date_naive();
            let value = |name: Name| value_on(&attributes, name, today).unwrap_or_default();
            Filled {
                unit: id.to_string(),
                name: value(Name::Name).to_owned(),
                unit_kind: value(Name::Kind).to_owned(),
                gso_code: value(Name::GsoCode).to_owned(),
                host: value(Name::Host).to_owned(),
                ..Filled::default()
            }
        }
        None => Filled::default(),
    };
    let page = form(&at, filled, FormErrors::default()).await?;
    at.answer(&page)
}

/// The unit of that id that is known and has no portal, with what holds of it.
async fn known(at: &AtDesk, id: &str) -> Result<Option<(Uuid, Vec<Attribute>)>> {
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(None);
    };
    let db = at.site.db.reader();
    let attributes = attribute::of_unit(db, id).await?;
    let has_site = site_record::of_unit(db, id).await?.is_some();
    Ok((!attributes.is_empty() && !has_site).then_some((id, attributes)))
}

pub(super) async fn enrol(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let new = match check(&at, &filled) {
        Ok(mut new) => {
            if let Some((id, _)) = known(&at, &filled.unit).await? {
                // What holds of it was decided; only its portal is new.
                new.member.unit = Some(id);
                new.member.attributes.clear();
            }
            new
        }
        Err(errors) => {
            let page = form(&at, filled, errors).await?;
            return at.answer_again(&page);
        }
    };
    let name = nfc(filled.name.trim());
    let base_url = new.member.base_url.clone();
    let (site_id, code) = registry::add(&at.site, new.member, &at.user.actor()).await?;
    if let Some(feed) = new.feed {
        source::add_import(&at.site, site_id, &feed, FEED_SCHEDULE).await?;
    }
    let is_native = code.is_some();
    let code = code
        .map(|code| code.as_str().to_owned())
        .unwrap_or_default();
    let expires = (at.site.clock.now() + LIFETIME).timestamp_millis();
    let command = format!(
        "member-site join --dir /var/lib/lien-cong --hub {} --code {code} --base-url {base_url}",
        at.site.origin()
    );
    at.answer(&EnrolledPage {
        desk: at.desk("Đã thêm đơn vị", super::members::PATH).await?,
        name,
        code,
        expires: cards::moment(expires),
        command,
        bundle_url: is_native.then(|| bundle::path_of(site_id)),
        member_url: super::member::path_of(site_id),
    })
}

struct Checked {
    member: NewMember,
    feed: Option<Url>,
}

fn check(at: &AtDesk, filled: &Filled) -> std::result::Result<Checked, FormErrors> {
    let mut errors = FormErrors::default();
    let name = nfc(filled.name.trim());
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        errors.add("name", "Hãy nhập tên đơn vị, tối đa 120 ký tự.");
    }
    let kind = KINDS.iter().find(|(code, _)| *code == filled.unit_kind);
    if kind.is_none() {
        errors.add("unit_kind", "Hãy chọn loại đơn vị.");
    }
    let gso_code = filled.gso_code.trim();
    if !gso_code.chars().all(|c| c.is_ascii_digit()) || gso_code.len() > 5 {
        errors.add("gso_code", "Mã đơn vị hành chính gồm tối đa 5 chữ số.");
    }
    let base_url = address(&filled.host);
    if base_url.is_none() {
        errors.add(
            "host",
            "Hãy nhập tên miền của trang, ví dụ dakkoi.quangngai.example.",
        );
    }
    let mode = match filled.connection.as_str() {
        "feed" => Mode::Feed,
        _ => Mode::Native,
    };
    let feed = Url::parse(filled.feed_url.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    if mode == Mode::Feed && feed.is_none() {
        errors.add(
            "feed_url",
            "Hãy nhập địa chỉ nguồn RSS hoặc Atom đầy đủ, bắt đầu bằng https://.",
        );
    }
    let (Some(base_url), Some((kind, _)), true) = (base_url, kind, errors.is_empty()) else {
        return Err(errors);
    };
    let title = format!("Trang thông tin điện tử {name}");
    let mut member = NewMember::named(&name, kind, at.site.unit_id, base_url, &title);
    member.mode = mode;
    if !gso_code.is_empty() {
        member
            .attributes
            .push(Attribute::always(Name::GsoCode, gso_code));
    }
    Ok(Checked {
        member,
        feed: feed.filter(|_| mode == Mode::Feed),
    })
}

/// A host name, or a whole address for those who paste one.
pub(super) fn address(typed: &str) -> Option<Url> {
    let typed = typed.trim();
    let whole = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&whole).ok()?;
    let is_host = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| host.contains('.'));
    is_host.then_some(url)
}

/// Kinds of units to choose from, after `first`.
pub(super) fn kind_choices(first: (&str, &str), chosen: &str) -> Vec<Choice> {
    const OTHERS: [(&str, &str); 3] = [
        ("thi_tran", "Thị trấn"),
        ("huyen", "Huyện"),
        ("tinh", "Tỉnh"),
    ];
    let all = std::iter::once(first).chain(KINDS).chain(OTHERS);
    all.map(|(value, label)| Choice::new(value, label, value == chosen))
        .collect()
}

async fn form(at: &AtDesk, filled: Filled, errors: FormErrors) -> Result<EnrolPage> {
    let choices = |list: &[(&str, &str)], chosen: &str| {
        let chosen = if chosen.is_empty() { list[0].0 } else { chosen };
        list.iter()
            .map(|(value, label)| Choice::new(*value, *label, *value == chosen))
            .collect()
    };
    Ok(EnrolPage {
        desk: at.desk("Thêm đơn vị", super::members::PATH).await?,
        action: PATH.to_owned(),
        unit: filled.unit,
        unit_kinds: choices(&KINDS, &filled.unit_kind),
        connections: choices(&CONNECTIONS, &filled.connection),
        name: filled.name,
        gso_code: filled.gso_code,
        host: filled.host,
        feed_url: filled.feed_url,
        contact: filled.contact,
        errors,
    })
}
