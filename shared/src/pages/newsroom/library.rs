//! `/quan-tri/thu-vien`: the pictures, files and videos of the site.

use super::around::{self, AtDesk, Done};
use super::drafts;
use super::write::{attachment, focus_choices};
use crate::accounts::{Right, account};
use crate::audit::{self, Action, Subject};
use crate::entries::record as entries;
use crate::error::{Error, FieldError, Result};
use crate::face;
use crate::housekeeping;
use crate::log::Digest;
use crate::media::intake::{self, Offer, Source, Temporary};
use crate::media::kind::Class;
use crate::media::library::{self, Filter, Said};
use crate::media::record::{self, of_entry};
use crate::media::{Focus, incoming};
use crate::newsroom::{draft, form};
use crate::pages::cards;
use crate::pages::templates::{ConfirmPage, LibraryCard, LibraryItemPage, LibraryPage, QuotaBar};
use crate::pages::view::{FilterLink, FormErrors, Link};
use crate::problem::ProblemKind;
use crate::vietnamese;
use axum::extract::multipart::Field;
use axum::extract::{Form, Multipart, Path, Query};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::StatusCode};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

/// Where the library is.
pub(super) const PATH: &str = "/quan-tri/thu-vien";
/// Uploads on one page.
const PAGE: u64 = 24;
/// Most files sent at once with a form.
const MOST_FILES: usize = 40;
/// From so many hundredths of the quota on, people are told.
const WARN_AT: u64 = 80;

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    loai: String,
    q: String,
    trang: u32,
}

/// The filter for what nothing shows.
const UNUSED: &str = "chua-dung";

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let page = page(&at, asked, Vec::new()).await?;
    at.answer(&page)
}

/// Takes what a form without script sends.
pub(super) async fn take(at: AtDesk, mut parts: Multipart) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let malformed = |_| Error::from(ProblemKind::Malformed);
    let mut is_ours = false;
    let mut refused = Vec::new();
    let mut taken = 0;
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        if part.name() == Some("csrf") {
            at.user.check_form(&part.text().await.map_err(malformed)?)?;
            is_ours = true;
            continue;
        }
        let Some(name) = part.file_name().map(str::to_owned) else {
            continue;
        };
        // The token stands before the files in our forms.
        if !is_ours || taken + refused.len() >= MOST_FILES {
            return Err(ProblemKind::TooLarge.into());
        }
        match take_one(&at, name, part).await {
            Ok(true) => taken += 1,
            Ok(false) => {}
            Err(Error::Invalid(errors)) => refused.extend(errors),
            Err(error) => return Err(error),
        }
    }
    if !is_ours {
        at.user.check_form("")?;
    }
    if refused.is_empty() && taken > 0 {
        return Ok(Done::Kept.then(PATH));
    }
    if refused.is_empty() {
        refused.push(FieldError::new("file", "Hãy chọn ít nhất một tệp."));
    }
    let page = page(&at, Asked::default(), refused).await?;
    at.answer_again(&page)
}

/// Keeps one file of a form, which is written to the disk as it comes; `false` if none was chosen.
async fn take_one(at: &AtDesk, name: String, part: Field<'_>) -> Result<bool> {
    let temporary = incoming::temporary(&at.site);
    let size = pour(at, &name, part, &temporary).await?;
    if size == 0 && name.is_empty() {
        return Ok(false);
    }
    let offer = Offer {
        name,
        source: Source::File(temporary),
        wants: &Class::ALL,
        field: "file",
        by: Some(at.user.id()),
        is_kept: true,
    };
    intake::take(&at.site, offer).await?;
    Ok(true)
}

async fn pour(at: &AtDesk, name: &str, mut part: Field<'_>, to: &Temporary) -> Result<u64> {
    let largest = intake::limit(&at.site, Class::Video);
    let mut file = tokio::fs::File::create(to.path()).await?;
    let mut size = 0;
    while let Some(piece) = part.chunk().await.map_err(|_| ProblemKind::Malformed)? {
        size += piece.len() as u64;
        if size > largest {
            let limit = intake::limit_in_words(&at.site, Class::Video);
            let name = intake::file_name(name);
            return Err(Error::invalid(
                "file",
                format!("Tệp {name} lớn quá {limit}, mức lớn nhất được nhận."),
            ));
        }
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    Ok(size)
}

async fn page(at: &AtDesk, asked: Asked, refused: Vec<FieldError>) -> Result<LibraryPage> {
    let db = at.site.db.reader();
    let words: String = asked.q.chars().take(200).collect();
    let class = Class::parse(&asked.loai);
    let is_unused = asked.loai == UNUSED;
    let except = match is_unused {
        true => Some(used_hashes(at).await?),
        false => None,
    };
    let filter = Filter {
        class,
        words: words.clone(),
        except,
    };
    let total = library::count(db, &filter).await?;
    let offset = u64::from(asked.trang.max(1) - 1) * PAGE;
    let found = library::list(db, &filter, offset, PAGE).await?;
    let query = [("loai", asked.loai.as_str()), ("q", words.as_str())];
    let last = u32::try_from(total.div_ceil(PAGE)).unwrap_or(u32::MAX);
    let pagination = crate::pages::view::Pagination::new(asked.trang, last, |number| {
        let number = number.to_string();
        let page = [("trang", number.as_str())];
        let own = query.iter().filter(|(_, value)| !value.is_empty());
        around::address(PATH, own.chain(page.iter()).copied())
    });
    Ok(LibraryPage {
        desk: at.desk("Thư viện", PATH).await?,
        filters: filters(class, is_unused),
        class: asked.loai,
        quota: quota(at).await?,
        limits: limits(at),
        errors: refused.into(),
        items: cards_of(at, found).await?,
        pagination,
        query: words,
    })
}

fn filters(current: Option<Class>, is_unused: bool) -> Vec<FilterLink> {
    let link = |label: &str, value: &str, is_current: bool| FilterLink {
        label: label.to_owned(),
        url: around::address(PATH, (!value.is_empty()).then_some(("loai", value))),
        count: String::new(),
        current: is_current,
    };
    let mut links = vec![link("Tất cả", "", current.is_none() && !is_unused)];
    for class in Class::ALL {
        links.push(link(class.label(), class.as_str(), current == Some(class)));
    }
    links.push(link("Chưa dùng", UNUSED, is_unused));
    links
}

fn limits(at: &AtDesk) -> String {
    let [picture, document, video] =
        Class::ALL.map(|class| intake::limit_in_words(&at.site, class));
    format!("Ảnh tối đa {picture}, tệp tối đa {document}, video tối đa {video}.")
}

async fn quota(at: &AtDesk) -> Result<QuotaBar> {
    let used = library::used(at.site.db.reader()).await?;
    let limit = at.site.media.settings().quota.0;
    let warn_at = limit / 100 * WARN_AT;
    let text = format!(
        "Đã dùng {} trên {}.",
        vietnamese::bytes(used),
        vietnamese::bytes(limit)
    );
    Ok(QuotaBar {
        used,
        limit,
        warn_at,
        text,
    })
}

/// Everything live entries, drafts or the face of the site show.
async fn used_hashes(at: &AtDesk) -> Result<Vec<Vec<u8>>> {
    let db = at.site.db.reader();
    let mut used: Vec<Vec<u8>> = housekeeping::shown_hashes(db).await?;
    used.extend(housekeeping::in_drafts(db).await?);
    let of_face = face::stored::pictures(db).await?.into_iter();
    used.extend(of_face.map(|digest| digest.as_bytes().to_vec()));
    Ok(used)
}

async fn cards_of(at: &AtDesk, found: Vec<library::Model>) -> Result<Vec<LibraryCard>> {
    let db = at.site.db.reader();
    let hashes: Vec<Vec<u8>> = found.iter().map(|one| one.hash.clone()).collect();
    let media = record::find_many(db, hashes.clone()).await?;
    let shown = of_entry::Entity::find()
        .filter(of_entry::Column::Hash.is_in(hashes))
        .all(db)
        .await?;
    let mut cards = Vec::new();
    for one in found {
        let Some(medium) = media.get(&one.hash) else {
            continue;
        };
        let size = vietnamese::bytes(u64::try_from(medium.size).unwrap_or_default());
        let is_shown = shown.iter().any(|link| link.hash == one.hash);
        let used = if is_shown { ", đã đăng" } else { "" };
        let is_picture = one.class() == Class::Picture;
        cards.push(LibraryCard {
            url: path_of(one.digest()?),
            thumb: is_picture
                .then(|| cards::picture_for_staff(medium, one.alt.clone().unwrap_or_default()))
                .flatten(),
            format: ending(&one.name),
            about: match medium.dimensions() {
                Some((width, height)) => format!("{width} × {height}, {size}{used}"),
                None => format!("{size}{used}"),
            },
            lacks_alt: is_picture && one.alt.is_none() && !one.decorates,
            name: one.name,
        });
    }
    Ok(cards)
}

fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_uppercase()
}

/// Where an upload is described.
fn path_of(digest: Digest) -> String {
    format!("{PATH}/{}", digest.hex())
}

/// What a form says of an upload.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    csrf: String,
    name: String,
    alt: String,
    decorates: String,
    caption: String,
    credit: String,
    focus: String,
    is_kept: String,
}

pub(super) async fn show(at: AtDesk, Path(hex): Path<String>) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let known = known(&at, &hex).await?;
    let typed = Typed {
        csrf: String::new(),
        focus: known.focus().as_str().to_owned(),
        name: known.name.clone(),
        alt: known.alt.clone().unwrap_or_default(),
        decorates: if known.decorates { "1" } else { "" }.to_owned(),
        caption: known.caption.clone().unwrap_or_default(),
        credit: known.credit.clone().unwrap_or_default(),
        is_kept: if known.is_kept { "1" } else { "" }.to_owned(),
    };
    let page = item_page(&at, &known, typed, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn describe(
    at: AtDesk,
    Path(hex): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    at.user.check_form(&typed.csrf)?;
    let known = known(&at, &hex).await?;
    let said = match said(&typed, &known.name) {
        Ok(said) => said,
        Err(errors) => {
            let page = item_page(&at, &known, typed, errors.into()).await?;
            return at.answer_again(&page);
        }
    };
    let digest = known.digest()?;
    let actor = at.user.actor();
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                library::describe(tx, digest, said).await?;
                let subject = Subject::of(audit::Kind::Medium, digest);
                audit::record(tx, &actor, Action::MediumChanged, subject, now).await
            })
        })
        .await?;
    Ok(Done::Saved.then(&path_of(digest)))
}

fn said(typed: &Typed, name_before: &str) -> Result<Said, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let mut line = |field: &str, text: &str| {
        let line = form::line(text);
        if line.chars().count() > 300 {
            wrong.push(FieldError::new(field, "Dài tối đa 300 ký tự."));
        }
        Some(line).filter(|line| !line.is_empty())
    };
    let said = Said {
        alt: line("alt", &typed.alt),
        caption: line("caption", &typed.caption),
        credit: line("credit", &typed.credit),
        decorates: !typed.decorates.is_empty(),
        focus: Focus::parse(&typed.focus),
        is_kept: !typed.is_kept.is_empty(),
        name: renamed(&typed.name, name_before),
    };
    match wrong.is_empty() {
        true => Ok(said),
        false => Err(wrong),
    }
}

/// A new name keeps the ending, which says what the bytes are.
fn renamed(typed: &str, before: &str) -> String {
    let name = intake::file_name(typed);
    let Some((_, ending)) = before.rsplit_once('.') else {
        return name;
    };
    match name
        .to_lowercase()
        .ends_with(&format!(".{ending}").to_lowercase())
    {
        true => name,
        false => format!("{name}.{ending}"),
    }
}

async fn known(at: &AtDesk, hex: &str) -> Result<library::Model> {
    let digest = Digest::from_hex(hex).map_err(|_| Error::NotFound)?;
    let known = library::find(at.site.db.reader(), digest).await?;
    known.ok_or(Error::NotFound)
}

async fn item_page(
    at: &AtDesk,
    known: &library::Model,
    typed: Typed,
    errors: FormErrors,
) -> Result<LibraryItemPage> {
    let db = at.site.db.reader();
    let digest = known.digest()?;
    let medium = record::find(db, digest).await?.ok_or(Error::NotFound)?;
    let (uses, is_removable) = uses(at, known).await?;
    let url = format!("/media/sha256/{}", digest.hex());
    let size = u64::try_from(medium.size).unwrap_or_default();
    let mut desk = at.desk(&known.name, PATH).await?;
    desk.breadcrumb = vec![Link::new("Thư viện", PATH)];
    Ok(LibraryItemPage {
        desk,
        action: path_of(digest),
        picture: match known.class() {
            Class::Picture => cards::picture_for_staff(&medium, typed.alt.clone()),
            _ => None,
        },
        video: (known.class() == Class::Video).then(|| url.clone()),
        file: attachment(&known.name, url, size),
        added: added(at, known).await?,
        name: typed.name,
        alt: typed.alt,
        decorates: !typed.decorates.is_empty(),
        caption: typed.caption,
        credit: typed.credit,
        focus: focus_choices(Focus::parse(&typed.focus)),
        is_kept: !typed.is_kept.is_empty(),
        uses,
        remove_url: is_removable.then(|| format!("{}/xoa", path_of(digest))),
        errors,
    })
}

async fn added(at: &AtDesk, known: &library::Model) -> Result<String> {
    let when = cards::moment(known.added_at).text;
    let people = account::list(at.site.db.reader()).await?;
    let by = people
        .into_iter()
        .find(|account| Some(account.id) == known.added_by);
    Ok(match by {
        Some(account) => format!("Tải lên {when}, {}", account.name),
        None => format!("Tải lên {when}"),
    })
}

/// What shows an upload, and whether this person may remove it because nothing does.
async fn uses(at: &AtDesk, known: &library::Model) -> Result<(Vec<Link>, bool)> {
    let db = at.site.db.reader();
    let ids = record::entries_with(db, &known.hash).await?;
    let mut uses: Vec<Link> = entries::Entity::find()
        .filter(entries::Column::EntryId.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .filter(entries::Model::is_live)
        .map(|entry| Link::new(format!("Đã đăng: {}", entry.title), entry.path()))
        .collect();
    let digest = known.digest()?;
    if face::stored::pictures(db).await?.contains(&digest) {
        uses.push(Link::new(
            "Giao diện trang, bản đang dùng hoặc bản trước",
            "/",
        ));
    }
    let drafts = draft::naming(db, digest).await?;
    let is_free = uses.is_empty() && drafts.is_empty();
    for one in drafts {
        // Other people's drafts are counted and not named.
        if at.draft(one.id).await.is_ok() {
            let title = format!("Bản thảo: {}", one.title);
            uses.push(Link::new(title, drafts::path_of(one.id)));
        }
    }
    let is_own = known.added_by == Some(at.user.id());
    Ok((uses, is_free && (is_own || at.user.may(Right::ManageMedia))))
}

pub(super) async fn ask_to_remove(at: AtDesk, Path(hex): Path<String>) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let known = removable(&at, &hex).await?;
    let page = confirm(&at, &known).await?;
    at.answer(&page)
}

async fn confirm(at: &AtDesk, known: &library::Model) -> Result<ConfirmPage> {
    let path = path_of(known.digest()?);
    Ok(ConfirmPage {
        desk: at.desk("Xóa khỏi thư viện", PATH).await?,
        action: format!("{path}/xoa"),
        question: format!(
            "Xóa {} khỏi thư viện?",
            known.class().label().to_lowercase()
        ),
        subject: known.name.clone(),
        consequences: vec![
            "Tệp bị xóa khỏi máy chủ, không lấy lại được từ đây.".to_owned(),
            "Không bài đăng hay bản thảo nào đang dùng tệp này.".to_owned(),
        ],
        warnings: Vec::new(),
        reason_label: None,
        reason: String::new(),
        revision: 0,
        button: "Xóa".to_owned(),
        dangerous: true,
        cancel_url: path,
        errors: FormErrors::default(),
    })
}

/// A form that only says yes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Yes {
    csrf: String,
}

pub(super) async fn remove(
    at: AtDesk,
    Path(hex): Path<String>,
    Form(yes): Form<Yes>,
) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    at.user.check_form(&yes.csrf)?;
    let known = removable(&at, &hex).await?;
    let digest = known.digest()?;
    if !housekeeping::remove_medium(&at.site, known.hash, i64::MAX).await? {
        return Err(in_use());
    }
    let actor = at.user.actor();
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let subject = Subject::of(audit::Kind::Medium, digest);
                audit::record(tx, &actor, Action::MediumRemoved, subject, now).await
            })
        })
        .await?;
    Ok(Done::Removed.then(PATH))
}

async fn removable(at: &AtDesk, hex: &str) -> Result<library::Model> {
    let known = known(at, hex).await?;
    let (_, is_removable) = uses(at, &known).await?;
    match is_removable {
        true => Ok(known),
        false => Err(in_use()),
    }
}

fn in_use() -> Error {
    Error::Conflict(
        "Tệp này đang được dùng trong bài đăng, bản thảo hoặc giao diện trang, hoặc do người khác tải lên, nên không xóa được."
            .to_owned(),
    )
}

/// A picture to choose while writing.
#[derive(Debug, Serialize)]
struct Offered {
    sha256: String,
    url: String,
    thumb: String,
    name: String,
    alt: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
}

/// The pictures of the library, for the page where an entry is written.
pub(super) async fn choose(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    at.user.require(Right::WriteDraft)?;
    let db = at.site.db.reader();
    let filter = Filter {
        class: Some(Class::parse(&asked.loai).unwrap_or(Class::Picture)),
        words: asked.q.chars().take(200).collect(),
        except: None,
    };
    let offset = u64::from(asked.trang.max(1) - 1) * PAGE;
    let found = library::list(db, &filter, offset, PAGE).await?;
    let hashes = found.iter().map(|one| one.hash.clone()).collect();
    let media = record::find_many(db, hashes).await?;
    let mut offered = Vec::new();
    for one in found {
        let hex = one.digest()?.hex();
        let medium = media.get(&one.hash);
        offered.push(Offered {
            url: format!("/media/sha256/{hex}"),
            thumb: format!("/media/sha256/{hex}/320.jpg"),
            name: one.name,
            alt: one.alt,
            width: medium.and_then(|medium| medium.width),
            height: medium.and_then(|medium| medium.height),
            sha256: hex,
        });
    }
    Ok((StatusCode::OK, Json(offered)).into_response())
}
