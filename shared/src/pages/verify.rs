//! `/xac-minh`: whether an entry held here is what its unit signed. Everything is looked at again for each
//! answer, from the rows on the disk.
//!
//! Who may ask about an entry is who may read it: what is not shown here is not known here.

use super::cards;
use super::entry_page::{self, Sight};
use super::frame::Around;
use super::page_cache::EachTime;
use super::qr;
use super::templates::{VerifyFormPage, VerifyPage};
use super::view::{Fact, Link, Proof, SignedFacts, Tone};
use super::visit::Visit;
use crate::directory::site_record;
use crate::entries::listing::Listed;
use crate::entries::record::{self, EntryState};
use crate::error::{Error, Result};
use crate::log::EventKind;
use crate::proof::{self, Checked, Verdict, in_words, stored};
use crate::site::Site;
use crate::units;
use crate::vietnamese;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// Where somebody asks.
pub const PATH: &str = "/xac-minh";
/// What the page is called.
const NAME: &str = "Xác minh bài viết";
/// How much of what is typed is looked at, in bytes.
const LONGEST: usize = 2_048;

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The address of an entry, or its id.
    #[serde(rename = "dia-chi")]
    address: Option<String>,
}

/// The form, or the way to the entry that was typed.
pub async fn ask(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    visit: Visit,
) -> Result<Response> {
    let typed = asked.address.unwrap_or_default().trim().to_owned();
    let mut around = Around::load(&site, &visit).await?;
    around.is_page(NAME, PATH);
    let mut page = VerifyFormPage {
        frame: around.frame,
        typed,
        problem: None,
    };
    if page.typed.is_empty() {
        return visit.answer(&page);
    }
    page.frame.head.noindex = true;
    let Some(id) = id_in(&page.typed) else {
        page.problem = Some(
            "Không thấy mã bài trong địa chỉ này. Hãy mở bài, chép cả địa chỉ trên thanh địa chỉ rồi dán vào đây."
                .to_owned(),
        );
        return visit.answer_uncached(StatusCode::BAD_REQUEST, &page);
    };
    match entry_page::sight(&site, id).await {
        Ok(_) => Ok(Redirect::to(&path_of(id)).into_response()),
        Err(Error::NotFound) => {
            page.problem = Some(
                "Trang này không đăng bài nào có địa chỉ đó. Nếu là bài của đơn vị khác, hãy xác minh ở trang của đơn vị ấy."
                    .to_owned(),
            );
            visit.answer_uncached(StatusCode::NOT_FOUND, &page)
        }
        Err(error) => Err(error),
    }
}

/// The path of the page that verifies `entry_id`.
pub fn path_of(entry_id: Uuid) -> String {
    format!("{PATH}/{}", entry_id.simple())
}

/// The id in what people paste: the address of an entry's page, of its verification, or the id itself.
fn id_in(typed: &str) -> Option<Uuid> {
    if typed.len() > LONGEST {
        return None;
    }
    if let Ok(id) = Uuid::try_parse(typed) {
        return Some(id);
    }
    let path = match Url::parse(typed) {
        Ok(address) => address.path().to_owned(),
        Err(_) => typed.split(['?', '#']).next()?.to_owned(),
    };
    path.split('/')
        .rev()
        .find_map(|part| record::id_from_slug(part).or_else(|| Uuid::try_parse(part).ok()))
}

/// What was found out about the entry.
pub async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response> {
    let id = Uuid::try_parse(&id).map_err(|_| Error::NotFound)?;
    let seen = Seen::load(&site, id).await?;
    let mut visit = visit;
    visit.path = path_of(id);
    let mut around = Around::load(&site, &visit).await?;
    around.is_page(NAME, &visit.path);
    around.frame.head.noindex = true;
    around.frame.breadcrumb.push(Link::new(NAME, PATH));
    "Kết quả".clone_into(&mut around.frame.here);
    let page = seen.into_page(&site, around).await?;
    let mut response = visit.answer(&page)?;
    response.extensions_mut().insert(EachTime);
    Ok(response)
}

/// The signed original, to be kept. What is damaged here is not given away as one.
pub async fn original(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response> {
    let id = Uuid::try_parse(&id).map_err(|_| Error::NotFound)?;
    let seen = Seen::load(&site, id).await?;
    if !seen.is_whole() {
        return Err(Error::NotFound);
    }
    let events: Vec<_> = seen
        .checked
        .into_iter()
        .filter_map(|checked| checked.event)
        .collect();
    let (title, home) = (site.profile.title.as_str(), site.origin());
    let file =
        proof::original::write(site.db.reader(), &seen.entry, &events, (title, &home)).await?;
    let mut response = visit.answer_bytes(proof::original::MEDIA_TYPE, file)?;
    let name = format!("attachment; filename=\"ban-ky-{}.json\"", id.simple());
    let name = HeaderValue::try_from(name).map_err(anyhow::Error::new)?;
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// How `listed` is verified from its page and from paper.
///
/// A printed page outlives this site's copy, and its reader may trust nobody but the unit it names. So the
/// code leads to the site that signed: it knows first what it took back, and its word about its own keys
/// needs no other's. Of what was read from a foreign feed that is the hub, which signed it; the foreign
/// portal has no such page. On the screen the link stays here, where the copy is that is being read.
pub(super) async fn proof(site: &Site, listed: &Listed) -> Result<Proof> {
    let entry = &listed.entry;
    let here = path_of(entry.entry_id);
    let address = match signer_elsewhere(site, entry.site_id).await? {
        Some(signer) => format!("{}{here}", signer.base_url),
        None => site.address(&here),
    };
    let unit = units_by_name(site, &[entry.unit_id]).await?;
    let unit = match unit.get(entry.unit_id) {
        Some(unit) => unit.name.clone(),
        None if entry.unit_id == site.unit_id => site.profile.unit_name.clone(),
        None => entry.url.clone(),
    };
    Ok(Proof {
        unit: cards::capitalised(&unit),
        code: qr::draw(&address)?,
        address,
        here,
    })
}

async fn signer_elsewhere(site: &Site, signer: Uuid) -> Result<Option<site_record::Model>> {
    if signer == site.id {
        return Ok(None);
    }
    let known = site_record::find(site.db.reader(), signer).await?;
    Ok(known.filter(|known| !known.base_url.is_empty()))
}

async fn units_by_name(site: &Site, ids: &[Uuid]) -> Result<units::Tree> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    units::some_on(site.db.reader(), today, ids).await
}

/// An entry that may be asked about, and what was found out.
struct Seen {
    entry: record::Model,
    /// What is shown of it, while it may be read.
    shown: Option<Shown>,
    /// The event that makes it what it is; of what was taken back also the last revision before.
    checked: Vec<Checked>,
}

/// What this site itself says of an entry it shows: no part of what was signed.
struct Shown {
    title: String,
    has_own_lead: bool,
}

impl Seen {
    async fn load(site: &Site, id: Uuid) -> Result<Self> {
        let db = site.db.reader();
        let (entry, shown) = match entry_page::sight(site, id).await? {
            Sight::Shown(listed) => {
                let shown = Shown {
                    title: listed.title().to_owned(),
                    has_own_lead: listed.lead() != listed.entry.lead.as_deref(),
                };
                (listed.entry, Some(shown))
            }
            Sight::TakenBack(entry) => (*entry, None),
        };
        let mut checked = vec![stored::current(db, &entry).await?];
        if shown.is_none()
            && let Some(last) = stored::last_published(db, &entry).await?
        {
            checked.push(last);
        }
        Ok(Self {
            entry,
            shown,
            checked,
        })
    }

    fn verdict(&self) -> Verdict {
        self.checked
            .first()
            .map_or(Verdict::Changed, |current| current.findings.verdict())
    }

    fn is_whole(&self) -> bool {
        let mut all = self.checked.iter();
        all.all(|checked| checked.findings.verdict() != Verdict::Changed)
    }

    async fn into_page(self, site: &Site, around: Around) -> Result<VerifyPage> {
        let signer = Signer::load(site, &self.entry, self.checked.first()).await?;
        let outcome = Outcome::of(&self.entry, self.shown.is_some());
        let (tone, heading, text) = sentence(outcome, self.verdict(), &signer);
        let mut signed = Vec::with_capacity(self.checked.len());
        for checked in &self.checked {
            signed.push(SignedFacts {
                heading: heading_of(outcome, checked).to_owned(),
                facts: facts(site, &self.entry, checked).await?,
            });
        }
        let origin = match signer_elsewhere(site, self.entry.site_id).await? {
            Some(other) => Some(Link::new(
                "Xác minh tại trang ký",
                format!("{}{}", other.base_url, path_of(self.entry.entry_id)),
            )),
            None => None,
        };
        Ok(VerifyPage {
            tone,
            heading: heading.to_owned(),
            text,
            notes: self.notes(&signer),
            download: self
                .is_whole()
                .then(|| format!("{}/ban-ky.json", path_of(self.entry.entry_id))),
            entry: self
                .shown
                .map(|shown| Link::new(shown.title, self.entry.path())),
            signed,
            checked: cards::moment(site.clock.now().timestamp_millis()),
            origin,
            frame: around.frame,
        })
    }

    /// What the verdict leaves out.
    fn notes(&self, signer: &Signer) -> Vec<String> {
        let Signer { unit, site, .. } = signer;
        let mut notes = Vec::new();
        if signer.attests && self.verdict() != Verdict::Changed {
            notes.push(format!(
                "{unit} dùng phần mềm khác và không tự ký bài. {site} đọc bài này từ nguồn tin của đơn vị rồi ký thay: chữ ký là lời chứng của {site}, không phải của {unit}."
            ));
        }
        if let (Some(shown), Verdict::Authentic) = (&self.shown, self.verdict()) {
            if shown.title != self.entry.title {
                notes.push(format!(
                    "Trang này đặt lại tiêu đề khi đăng. Tiêu đề đã ký là: “{}”.",
                    self.entry.title
                ));
            }
            if shown.has_own_lead {
                notes.push(
                    "Trang này viết lại lời dẫn khi đăng; lời dẫn ấy không phải của đơn vị ký bài."
                        .to_owned(),
                );
            }
            notes.push(
                "Ảnh và tệp đính kèm được gọi tên trong phần đã ký bằng mã SHA-256 của từng tệp, nên không thể đổi mà không lộ."
                    .to_owned(),
            );
        }
        notes
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It may be read.
    Shown,
    /// Its origin took it back.
    Withdrawn,
    /// The province did.
    Recalled,
}

impl Outcome {
    fn of(entry: &record::Model, is_shown: bool) -> Self {
        match entry.state() {
            EntryState::Live if is_shown => Self::Shown,
            EntryState::Recalled => Self::Recalled,
            EntryState::Live | EntryState::Withdrawn => Self::Withdrawn,
        }
    }
}

/// Who signed, by name.
#[derive(Clone, Debug, Default)]
struct Signer {
    unit: String,
    site: String,
    /// Whether it speaks for a portal that cannot sign for itself.
    attests: bool,
}

impl Signer {
    /// Of the entry, so that the unit named is the one that published it, not the one that recalls it.
    async fn load(site: &Site, entry: &record::Model, current: Option<&Checked>) -> Result<Self> {
        let (own_unit, title) = signing_site(site, entry.site_id).await?;
        let said_by_origin = current
            .and_then(|checked| checked.signed.as_ref())
            .is_some_and(|signed| signed.header.site == entry.site_id);
        Ok(Self {
            unit: unit_name(site, entry.unit_id).await?,
            attests: said_by_origin && own_unit.is_some_and(|own| own != entry.unit_id),
            site: title,
        })
    }
}

/// The unit of the site `id`, and what the site calls itself.
async fn signing_site(site: &Site, id: Uuid) -> Result<(Option<Uuid>, String)> {
    if id == site.id {
        return Ok((Some(site.unit_id), site.profile.title.clone()));
    }
    Ok(match site_record::find(site.db.reader(), id).await? {
        Some(known) => (Some(known.unit_id), known.title),
        None => (None, "Trang không rõ tên".to_owned()),
    })
}

async fn unit_name(site: &Site, unit: Uuid) -> Result<String> {
    let named = units_by_name(site, &[unit]).await?;
    Ok(match named.get(unit) {
        Some(unit) => cards::capitalised(&unit.name),
        None if unit == site.unit_id => cards::capitalised(&site.profile.unit_name),
        None => "Đơn vị không rõ tên".to_owned(),
    })
}

/// The verdict in words.
fn sentence(outcome: Outcome, verdict: Verdict, signer: &Signer) -> (Tone, &'static str, String) {
    let Signer { unit, site, .. } = signer;
    match (verdict, outcome) {
        (Verdict::Changed, Outcome::Shown) => (
            Tone::Bad,
            "Bài không còn như khi ký",
            "Dữ liệu của bài trên trang này đã bị thay đổi hoặc bị hỏng sau khi ký. Xin đừng dùng bản này; hãy xem bài ở trang của đơn vị đăng, hoặc quay lại sau: trang sẽ tự lấy lại bản đúng nếu nơi khác còn giữ."
                .to_owned(),
        ),
        (Verdict::Changed, _) => (
            Tone::Bad,
            "Dữ liệu về việc gỡ bài không còn như khi ký",
            "Bài này không còn được hiển thị. Dữ liệu có chữ ký về việc đó trên trang này đã bị thay đổi hoặc bị hỏng."
                .to_owned(),
        ),
        (Verdict::KeyRevoked, _) => (
            Tone::Bad,
            "Khóa ký đã bị thu hồi",
            format!("Bài được ký bằng một khóa của {site} đã bị thu hồi vì lộ, và không nằm trong phần còn được tin. Không thể coi đây là lời của {unit}."),
        ),
        (Verdict::SignerUnknown, _) => (
            Tone::Warning,
            "Không xác minh được",
            "Khóa ký không có trong danh sách khóa mà trang này biết, nên không nói được ai đã ký bài."
                .to_owned(),
        ),
        (_, Outcome::Recalled) => (
            Tone::Warning,
            "Bài đã bị tỉnh thu hồi",
            format!("Bài của {unit} đã bị thu hồi khỏi mọi trang. Lời văn không còn được giữ để xem; chỉ còn phần đầu có chữ ký, cho biết ai đã ký và khi nào."),
        ),
        (_, Outcome::Withdrawn) => (
            Tone::Warning,
            "Bài đã được gỡ",
            format!("{unit} đã gỡ bài này. Lời văn không còn được hiển thị; chỉ còn phần đầu có chữ ký, cho biết ai đã ký và khi nào."),
        ),
        (Verdict::WordsGone, Outcome::Shown) => (
            Tone::Warning,
            "Lời văn không còn được giữ",
            format!("{unit} có ký bài này và chữ ký đúng, nhưng lời văn không còn trên trang này để so."),
        ),
        (Verdict::Authentic, Outcome::Shown) if signer.attests => (
            Tone::Good,
            "Đúng từng chữ như đã ký",
            format!("{site} đã ký bài này thay cho {unit}, và không một chữ nào bị thay đổi từ lúc ký."),
        ),
        (Verdict::Authentic, Outcome::Shown) => (
            Tone::Good,
            "Đúng từng chữ",
            format!("Bài này do {unit} ký và đăng; từ lúc ký, không một chữ nào bị thay đổi."),
        ),
    }
}

/// What the facts of an event stand under.
fn heading_of(outcome: Outcome, checked: &Checked) -> &'static str {
    let kind = checked.signed.as_ref().map(|signed| signed.header.kind);
    match (outcome, kind) {
        (Outcome::Shown, _) => "Chi tiết",
        (_, Some(EventKind::EntryPublished | EventKind::EntryRevised)) => "Bản đã đăng",
        _ => "Việc gỡ bài",
    }
}

/// An event laid open.
async fn facts(site: &Site, entry: &record::Model, checked: &Checked) -> Result<Vec<Fact>> {
    let Some(signed) = &checked.signed else {
        return Ok(vec![Fact::new(
            "Phần được ký",
            "Không đọc được trên đĩa của trang này",
        )]);
    };
    let header = &signed.header;
    let (_, title) = signing_site(site, header.site).await?;
    let findings = checked.findings;
    Ok(vec![
        Fact::new("Việc", in_words::kind(header.kind)),
        Fact::new("Bản thứ", header.rev.to_string()),
        Fact::new("Đơn vị", unit_name(site, header.unit).await?),
        Fact::new("Trang ký", title),
        Fact::new(
            "Ký lúc",
            format!(
                "{} (theo đồng hồ của trang ký)",
                vietnamese::date_time(header.time)
            ),
        ),
        Fact::new("Chữ ký", in_words::signature(findings.signature)),
        Fact::new("Khóa", in_words::key(findings.key, checked.key.as_ref())),
        Fact::new("Mã khóa", header.key.to_string()),
        Fact::new("Lời văn", in_words::words(findings.words)),
        Fact::new("Mã bài", entry.entry_id.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_in_whatever_people_paste() {
        let id = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
        let simple = id.simple();
        for typed in [
            id.to_string(),
            simple.to_string(),
            format!("urn:uuid:{id}"),
            format!("https://konbraih.example/bai-viet/lam-duong-{simple}"),
            format!("https://konbraih.example/bai-viet/lam-duong-{simple}?a=b#c"),
            format!("/van-ban/x-{simple}?in=1"),
            format!("konbraih.example/thong-bao/x-{simple}"),
            format!("https://konbraih.example/xac-minh/{simple}/ban-ky.json"),
            format!("https://konbraih.example/xac-minh/{id}"),
        ] {
            assert_eq!(id_in(&typed), Some(id), "{typed}");
        }
        for typed in [
            "",
            "abc",
            "https://konbraih.example/",
            "https://konbraih.example/bai-viet/lam-duong",
            &format!("{}{simple}", "a/".repeat(LONGEST)),
        ] {
            assert_eq!(id_in(typed), None, "{typed}");
        }
    }

    #[test]
    fn every_verdict_has_its_words_and_only_the_authentic_sounds_good() {
        let signer = Signer {
            unit: "Xã Kon Braih".to_owned(),
            site: "Trang xã Kon Braih".to_owned(),
            attests: false,
        };
        let verdicts = [
            Verdict::Authentic,
            Verdict::WordsGone,
            Verdict::Changed,
            Verdict::KeyRevoked,
            Verdict::SignerUnknown,
        ];
        for outcome in [Outcome::Shown, Outcome::Withdrawn, Outcome::Recalled] {
            for verdict in verdicts {
                let (tone, heading, text) = sentence(outcome, verdict, &signer);
                let is_good = verdict == Verdict::Authentic && outcome == Outcome::Shown;
                assert_eq!(tone == Tone::Good, is_good, "{outcome:?} {verdict:?}");
                assert_eq!(
                    heading == "Đúng từng chữ",
                    is_good,
                    "{outcome:?} {verdict:?}"
                );
                assert!(!text.is_empty());
            }
        }
    }
}
