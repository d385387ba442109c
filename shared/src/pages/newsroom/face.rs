//! `/quan-tri/trang`: how the site looks, set up by the unit itself.

use super::around::{AtDesk, Done};
use crate::audit::{self, Action, Kind, Subject};
use crate::entries::section;
use crate::error::{Error, FieldError, Result};
use crate::face::form::{Act, BannerRow, BlockRow, SECTION, StepRow, Typed};
use crate::face::{Block, Column, PAGES, Palette, shown, stored};
use crate::log::Digest;
use crate::media::intake::{self, Offer, Source};
use crate::media::kind::Class;
use crate::media::record;
use crate::newsroom::upload::refusal;
use crate::pages::cards;
use crate::pages::templates::{FaceBanner, FaceBlock, FacePage, FaceStep};
use crate::pages::view::{Choice, Flash, FormErrors, Picture, Tone};
use crate::problem::ProblemKind;
use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use std::collections::HashMap;

pub(super) const PATH: &str = "/quan-tri/trang";

/// Most parts of a form: more rows than may be, and their fields.
const MOST_PARTS: usize = 600;

pub(super) async fn show(at: AtDesk) -> Result<Response> {
    let stored = stored::load(at.site.db.reader()).await?;
    let typed = Typed::of(&stored.current, stored.revision);
    let page = page(&at, typed, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn change(at: AtDesk, parts: Multipart) -> Result<Response> {
    let Sent {
        csrf,
        action,
        mut typed,
        files,
    } = read(parts).await?;
    at.user.check_form(&csrf)?;
    let act = Act::parse(&action).unwrap_or(Act::Save);
    let refused = keep(&at, &mut typed, files).await?;
    if !refused.is_empty() {
        // The rows stay as they were sent, for what is wrong is named by them.
        let page = page(&at, typed, refused.into()).await?;
        return at.answer_again(&page);
    }
    typed.drop_blank();
    if !matches!(act, Act::Save | Act::Undo) {
        let sections = section::Tree::load(at.site.db.reader()).await?;
        typed.arrange(act, &at.site.face.get(), &sections);
        let mut page = page(&at, typed, FormErrors::default()).await?;
        page.desk.flash = Some(Flash {
            tone: Tone::Info,
            text: "Chưa áp dụng. Sửa xong hãy bấm “Lưu và áp dụng”.".to_owned(),
        });
        return at.answer(&page);
    }
    match put(&at, &typed, act).await {
        Ok(()) => Ok(Done::FaceChanged.then(PATH)),
        Err(Error::Invalid(errors)) => {
            let page = page(&at, typed, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(Error::Conflict(words)) => {
            let mut errors = FormErrors::default();
            errors.add("", words);
            let page = page(&at, typed, errors).await?;
            at.visit.answer_uncached(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error),
    }
}

/// Keeps what was typed, or goes back, and shows it at once.
async fn put(at: &AtDesk, typed: &Typed, act: Act) -> Result<()> {
    let face = match act {
        Act::Undo => None,
        _ => Some(typed.read()?),
    };
    let (revision, by) = (typed.revision, at.user.actor());
    let now = at.site.clock.now().timestamp_millis();
    let done = at.site.db.write(move |tx| {
        Box::pin(async move {
            match face {
                Some(face) => stored::save(tx, face, revision).await?,
                None => stored::undo(tx, revision).await?,
            }
            let subject = Subject::of(Kind::Setting, "face");
            audit::record(tx, &by, Action::FaceChanged, subject, now).await
        })
    });
    done.await?;
    shown::renew(&at.site).await?;
    tracing::info!(
        account.login = at.user.account.login,
        "changed how the site looks"
    );
    Ok(())
}

/// A form as it came.
struct Sent {
    csrf: String,
    action: String,
    typed: Typed,
    files: Vec<File>,
}

/// A picture that came with a form.
struct File {
    /// The row of the banner it is of; none of the emblem.
    banner: Option<usize>,
    name: String,
    bytes: Bytes,
}

async fn read(mut parts: Multipart) -> Result<Sent> {
    let mut sent = Sent {
        csrf: String::new(),
        action: String::new(),
        typed: Typed::default(),
        files: Vec::new(),
    };
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(refusal)? {
        count += 1;
        if count > MOST_PARTS {
            return Err(ProblemKind::TooLarge.into());
        }
        let field = part.name().unwrap_or_default().to_owned();
        if let Some(name) = part.file_name().map(str::to_owned) {
            let bytes = part.bytes().await.map_err(refusal)?;
            let banner = match field.as_str() {
                "emblem_file" => None,
                // The row has begun with its picture.
                "banner_file" => match sent.typed.banners.len().checked_sub(1) {
                    Some(row) => Some(row),
                    None => continue,
                },
                _ => continue,
            };
            if !bytes.is_empty() {
                let file = File {
                    banner,
                    name,
                    bytes,
                };
                sent.files.push(file);
            }
            continue;
        }
        let value = part.text().await.map_err(refusal)?;
        match field.as_str() {
            "csrf" => sent.csrf = value,
            "do" => sent.action = value,
            _ => sent.typed.put(&field, &value),
        }
    }
    Ok(sent)
}

/// Keeps the pictures that came, and tells of those that were not taken.
async fn keep(at: &AtDesk, typed: &mut Typed, files: Vec<File>) -> Result<Vec<FieldError>> {
    let mut refused = Vec::new();
    for file in files {
        let offer = Offer {
            name: file.name,
            source: Source::Bytes(file.bytes),
            wants: &[Class::Picture],
            field: "emblem_file",
            by: Some(at.user.id()),
            is_kept: false,
        };
        let taken = match intake::take(&at.site, offer).await {
            Ok(taken) => taken,
            Err(Error::Invalid(errors)) => {
                let named = errors.into_iter().map(|error| FieldError {
                    field: match file.banner {
                        Some(row) => format!("banner_file-{}", row + 1),
                        None => error.field,
                    },
                    ..error
                });
                refused.extend(named);
                continue;
            }
            Err(error) => return Err(error),
        };
        match file.banner {
            None => typed.emblem = taken.digest.hex(),
            Some(row) => typed.banners[row].picture = taken.digest.hex(),
        }
    }
    Ok(refused)
}

async fn page(at: &AtDesk, typed: Typed, errors: FormErrors) -> Result<FacePage> {
    let db = at.site.db.reader();
    let sections = section::Tree::load(db).await?;
    let stored = stored::load(db).await?;
    let pictures = pictures(at, &typed).await?;
    let picture = |hex: &str| pictures.get(hex).cloned();
    let palette = |one: Palette| {
        let code = one.code();
        Choice::new(code, one.label(), code == typed.palette)
    };
    Ok(FacePage {
        desk: at.desk("Giao diện trang", PATH).await?,
        action: PATH.to_owned(),
        revision: typed.revision,
        emblem_picture: picture(&typed.emblem),
        palettes: Palette::ALL.into_iter().map(palette).collect(),
        menu: typed
            .menu
            .into_iter()
            .map(|row| step(row, &sections))
            .collect(),
        blocks: typed
            .blocks
            .into_iter()
            .map(|row| block(row, &sections))
            .collect(),
        banners: typed
            .banners
            .into_iter()
            .map(|row: BannerRow| FaceBanner {
                picture: picture(&row.picture),
                hex: row.picture,
                alt: row.alt,
                link: row.link,
                until: row.until,
            })
            .collect(),
        emblem: typed.emblem,
        links: typed.links,
        hotlines: typed.hotlines,
        has_previous: stored.previous.is_some(),
        errors,
    })
}

/// The pictures that are named and are here, by their names.
async fn pictures(at: &AtDesk, typed: &Typed) -> Result<HashMap<String, Picture>> {
    let banners = typed.banners.iter().map(|row| &row.picture);
    let named = banners.chain([&typed.emblem]);
    let named: Vec<Digest> = named.filter_map(|hex| Digest::from_hex(hex).ok()).collect();
    let hashes = named.iter().map(|one| one.as_bytes().to_vec()).collect();
    let found = record::find_many(at.site.db.reader(), hashes).await?;
    let shown = named.into_iter().filter_map(|digest| {
        let medium = found.get(digest.as_bytes().as_slice())?;
        let picture = cards::picture_for_staff(medium, String::new())?;
        Some((digest.hex(), picture))
    });
    Ok(shown.collect())
}

fn step(row: StepRow, sections: &section::Tree) -> FaceStep {
    let choice = |value: String, label: &str| {
        let is_chosen = value == row.target;
        Choice::new(value, label, is_chosen)
    };
    let mut targets = vec![choice(String::new(), "Địa chỉ khác, ghi ở ô bên cạnh")];
    targets.extend(PAGES.map(|(path, label)| choice(path.to_owned(), &format!("Trang: {label}"))));
    targets.extend(visible(sections).map(|section| {
        let value = format!("{SECTION}{}", section.code);
        choice(value, &format!("Chuyên mục: {}", section.name))
    }));
    FaceStep {
        targets,
        label: row.label,
        address: row.address,
    }
}

fn block(row: BlockRow, sections: &section::Tree) -> FaceBlock {
    let single = Block::SINGLE.into_iter().find(|one| one.code() == row.code);
    let choices = visible(sections).map(|section| {
        let is_chosen = section.code == row.section;
        Choice::new(&section.code, &section.name, is_chosen)
    });
    let sections = match single {
        Some(_) => Vec::new(),
        None => std::iter::once(Choice::new("", "Chọn chuyên mục", row.section.is_empty()))
            .chain(choices)
            .collect(),
    };
    let column = single.map_or(Column::Main, |block| block.column());
    FaceBlock {
        label: Block::label(&row.code),
        place: match column {
            Column::Main => "cột rộng",
            Column::Side => "cột hẹp",
            Column::Across => "ngang trang",
        },
        is_on: row.is_on,
        code: row.code,
        sections,
    }
}

fn visible(sections: &section::Tree) -> impl Iterator<Item = &section::Model> {
    sections.iter().filter(|section| !section.hidden)
}
